#pragma once
// The real program as a separate process: started, monitored, killed and restarted.

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

/// The program under test: STOA_TEST_BINARY or STOA_BINARY, else `stoa` in the build folder (of
/// this test program or its parent, or the working directory). Throws when it is missing.
std::filesystem::path stoa_binary();
/// The same program with the planted faults compiled in (STOA_FAULT switches one on).
std::filesystem::path stoa_with_faults();
/// The same program with an additional service, `note` (tests/new_service).
std::filesystem::path stoa_with_new_service();

/// A free TCP port of 127.0.0.1.
std::uint16_t free_port();

/// Raises the open file limit of this process and its children; false when that is not permitted.
bool raise_open_files(std::uint64_t count);

struct finished_program {
  int exit_code = -1;  ///< 128 + the signal's number when a signal ended it, 124 on timeout
  std::string output;  ///< standard output and error
};
/// Runs a program to its end. It does not inherit settings (STOA_...) of the caller's environment,
/// only the given ones.
finished_program run_program(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments,
                             const environment& settings = {},
                             std::chrono::milliseconds limit = std::chrono::seconds{60});

/// Creates the demo store (`stoa demo`) in the folder; throws with the program's output when it
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

/// The other nodes of a cluster whose front is a server.
class companions {
 public:
  virtual ~companions() = default;
  /// All settings of the front itself.
  virtual environment front_settings() const = 0;
  virtual void launch() = 0;
  virtual void await_ready() = 0;
  virtual void kill() = 0;
  /// SIGTERM, and waits for their end; false when one of them failed to exit cleanly.
  virtual bool stop(std::chrono::milliseconds limit) = 0;
};

/// Makes each server of a test program the front of a cluster (cluster_mode.cpp, by
/// STOA_TEST_CLUSTER), so that the same tests can run on a cluster.
class cluster_mode {
 public:
  virtual ~cluster_mode() = default;
  virtual std::unique_ptr<companions> join(const server_options& front) = 0;
  /// Where the store of the data folder is, for programs that use it.
  virtual environment store_settings(const std::filesystem::path& data) = 0;
};
/// Applies to all later servers and all programs run with `--data`. The caller keeps ownership.
void use_cluster_mode(cluster_mode* mode);

/// `stoa serve` on a separate port, the same one after each start. Its output goes to the file
/// `<data>.log`. Always ends with this process.
class server {
 public:
  /// Does not start it.
  explicit server(server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Starts it and waits until it has all capabilities; otherwise throws with the end of the log.
  void start();
  /// Starts it and returns at once.
  void launch();
  /// Waits until it has all capabilities; throws as start() does.
  void await_ready();
  /// SIGKILL, and waits for the end.
  void kill();
  /// SIGTERM, and waits for the end: its exit code, or nothing when it was killed after the limit.
  std::optional<int> stop(std::chrono::milliseconds limit = std::chrono::seconds{20});

  bool running();
  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return options_.port; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(options_.port); }
  const std::filesystem::path& data() const { return options_.data; }
  /// SIGSTOP, to simulate a hung machine.
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
