#pragma once
// The real program as a process of its own: started, watched, killed and started again.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace stoa::test {

using environment = std::vector<std::pair<std::string, std::string>>;

/// The program under test: STOA_TEST_BINARY or STOA_BINARY, else `stoa` in the build's folder (that
/// of this test's own program or its parent, or the working directory). Throws when there is none.
std::filesystem::path stoa_binary();
/// The same program with the planted faults compiled in (STOA_FAULT switches one on).
std::filesystem::path stoa_with_faults();
/// The same program with one more service, `note` (tests/new_service).
std::filesystem::path stoa_with_new_service();

/// A TCP port of 127.0.0.1 that nobody listens at now.
std::uint16_t free_port();

/// Lets this process and those it starts open at least that many files; false when it may not.
bool raise_open_files(std::uint64_t count);

struct finished_program {
  int exit_code = -1;  ///< 128 + the signal's number when one ended it, 124 when the time was up
  std::string output;  ///< standard output and error
};
/// Runs a program to its end. Settings (STOA_...) of the caller's environment do not reach it;
/// those given do.
finished_program run_program(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments,
                             const environment& settings = {},
                             std::chrono::milliseconds limit = std::chrono::seconds{60});

/// Makes the demo store (`stoa demo`) in the folder; throws with the program's output when it
/// fails.
void load_demo(const std::filesystem::path& program, const std::filesystem::path& data,
               int products, int stock, int seed = 1);

struct server_options {
  std::filesystem::path program;  ///< empty: stoa_binary()
  std::filesystem::path data;     ///< the data folder
  environment settings;           ///< as {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "300"}
  std::vector<std::string> arguments;
  std::uint16_t port = 0;  ///< 0: a free one
  std::chrono::milliseconds ready_limit{90'000};
  bool alone = false;  ///< without companions, whatever the mode of the test program
};

/// The other nodes of the cluster whose front a server is.
class companions {
 public:
  virtual ~companions() = default;
  /// All settings of the front itself.
  virtual environment front_settings() const = 0;
  virtual void launch() = 0;
  virtual void await_ready() = 0;
  virtual void kill() = 0;
  /// SIGTERM, and waits for their end; false when one of them ended otherwise than it should.
  virtual bool stop(std::chrono::milliseconds limit) = 0;
};

/// Makes each server of a test program the front of a cluster (cluster_mode.cpp, by the variable
/// STOA_TEST_CLUSTER), so that the same tests can be run on one.
class cluster_mode {
 public:
  virtual ~cluster_mode() = default;
  virtual std::unique_ptr<companions> join(const server_options& front) = 0;
  /// Where the store of the data folder is, for programs that work on it.
  virtual environment store_settings(const std::filesystem::path& data) = 0;
};
/// From now on for all servers, and for all programs that are run with `--data`. It stays the
/// caller's.
void use_cluster_mode(cluster_mode* mode);

/// `stoa serve` on a port of its own, the same one after each start. Its output goes to the file
/// `<data>.log`. Ends with this process, whatever happens.
class server {
 public:
  /// Does not start it yet.
  explicit server(server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Starts it and waits until it has all capabilities; throws with the end of the log when it does
  /// not.
  void start();
  /// Starts it and returns at once.
  void launch();
  /// Waits until it has all capabilities; throws as start() does.
  void await_ready();
  /// SIGKILL, and waits for the end.
  void kill();
  /// SIGTERM, and waits for the end: its exit code, or nothing when it did not end within the limit
  /// (it is killed then).
  std::optional<int> stop(std::chrono::milliseconds limit = std::chrono::seconds{20});

  bool running();
  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return options_.port; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(options_.port); }
  const std::filesystem::path& data() const { return options_.data; }
  /// SIGSTOP, as a machine that hangs.
  void freeze();
  void thaw();
  /// The last bytes of the log.
  std::string log_end(std::size_t bytes = 4000) const;
  std::filesystem::path log_file() const { return options_.data.string() + ".log"; }
  /// Resident memory in kB, 0 when it does not run.
  std::int64_t memory_kb() const;

 private:
  void kill_alone();

  server_options options_;
  std::unique_ptr<companions> companions_;
  pid_t pid_ = -1;
};

}  // namespace stoa::test
