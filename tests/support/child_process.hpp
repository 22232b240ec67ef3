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
  /// System user to run as when the test runs as root; empty: the test's user.
  std::string user{};
  /// The signal that terminates it; not SIGKILL for a program that must clean up.
  int end_signal = SIGKILL;
};

/// Ends with the thread that started it (PR_SET_PDEATHSIG): start it in the main thread. Not
/// thread-safe.
class child_process {
 public:
  explicit child_process(child_options options);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  void start();
  /// Waits until it exits: its exit code (128 + the signal's number when a signal ended it), or
  /// nothing when it still runs after the limit.
  std::optional<int> wait(std::chrono::milliseconds limit);
  /// Whether it runs now.
  bool running();
  /// SIGKILL to it and its child processes; waits for its end.
  void kill();
  /// Sends the end signal, also when it is frozen; SIGKILL when it does not exit.
  void end();
  /// Sends the signal and waits for the end: its exit code, or nothing when it was killed after the
  /// limit.
  std::optional<int> stop(int signal, std::chrono::milliseconds limit = std::chrono::seconds{20});
  /// Sends the signal to it and its child processes: SIGSTOP freezes all of them.
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

/// Runs the program to its end; throws with the end of its output unless the exit code is 0.
void run_to_end(const child_options& options,
                std::chrono::milliseconds limit = std::chrono::seconds{60});

/// "postgres" when the test is run by root, as those servers refuse to run as root; else empty.
std::string server_user();
/// Makes server_user() the owner of the file or folder.
void give_to_server_user(const std::filesystem::path& path);

}  // namespace stoa::test
