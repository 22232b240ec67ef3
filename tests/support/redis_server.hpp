#pragma once
// A Redis server of the test's own, from Debian's package.

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

struct redis_server_options {
  std::string appendonly = "yes";
  std::string appendfsync = "always";
  std::string password{};  ///< empty: none is asked for
  bool tls = false;        ///< a port with TLS too, its certificate for the name localhost only
  /// Further settings of the server, as {"maxmemory", "10mb"}.
  std::vector<std::pair<std::string, std::string>> settings{};
};

/// Runs from the constructor on, on 127.0.0.1. Start it in the main thread: it ends with the
/// thread.
class redis_server {
 public:
  /// Whether its program is installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit redis_server(redis_server_options options = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  /// Starts it again on the same port, and waits until it has loaded its data.
  void start();
  /// SIGTERM: it writes out what it has and ends.
  void stop();
  /// SIGKILL.
  void kill();
  /// SIGSTOP, as a machine that hangs.
  void freeze();
  void thaw();
  bool running() { return process_->running(); }

  std::uint16_t port() const { return port_; }
  /// "redis://127.0.0.1:port/number".
  std::string url(int number = 0) const;
  /// "rediss://localhost:port/0", when `tls` was asked for.
  std::string tls_url() const { return "rediss://localhost:" + std::to_string(tls_port_) + "/0"; }
  std::uint16_t tls_port() const { return tls_port_; }
  /// The file with the certificate to trust, when `tls` was asked for.
  std::filesystem::path certificate() const { return dir_ / "server.crt"; }
  std::string log_end() const { return process_->log_end(); }

 private:
  void make_certificate();
  bool answers() const;

  redis_server_options options_;
  temp_dir dir_;
  std::uint16_t port_;
  std::uint16_t tls_port_ = 0;
  std::unique_ptr<child_process> process_;
};

}  // namespace stoa::test
