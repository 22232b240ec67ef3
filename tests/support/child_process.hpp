#pragma once
// A server program of the system (PostgreSQL, PgBouncer, ...) as a child of the test.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stoa::test {

struct child_options {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path log;  ///< gets standard output and error
  /// Run as this user of the system when the test is run by root; empty: as the test.
  std::string user;
  /// What ends it when it is not needed any more; another than SIGKILL for one that has something
  /// to clear away.
  int end_signal = SIGKILL;
};

/// Ends with the thread that started it, whatever happens (PR_SET_PDEATHSIG): start it in the main
/// thread. Not thread-safe.
class child_process {
 public:
  explicit child_process(child_options options);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  void start();
  /// Waits for its end: its exit code (128 + the signal's number when one ended it), or nothing
  /// when it lives on after the limit.
  std::optional<int> wait(std::chrono::milliseconds limit);
  /// Whether it runs now.
  bool running();
  /// SIGKILL to it and to the processes that it has started, and waits for its end.
  void kill();
  /// Its end signal, also when it is frozen; SIGKILL when that does not help.
  void end();
  /// Sends the signal and waits for the end: its exit code, or nothing when it had to be killed
  /// after the limit.
  std::optional<int> stop(int signal, std::chrono::milliseconds limit = std::chrono::seconds{20});
  /// Sends the signal to it and to the processes that it has started: SIGSTOP freezes all of them.
  void signal_all(int signal);

  pid_t pid() const { return pid_; }
  const std::vector<std::string>& arguments() const { return options_.arguments; }
  void set_arguments(std::vector<std::string> arguments);
  /// The last bytes of the log.
  std::string log_end(std::size_t bytes = 4000) const;

 private:
  child_options options_;
  pid_t pid_ = -1;
};

/// Runs the program to its end; throws with the end of its output when that is not exit code 0.
void run_to_end(const child_options& options,
                std::chrono::milliseconds limit = std::chrono::seconds{60});

/// "postgres" when the test is run by root, as those servers refuse to run as root; else empty.
std::string server_user();
/// Makes the file or folder belong to server_user().
void give_to_server_user(const std::filesystem::path& path);

}  // namespace stoa::test
