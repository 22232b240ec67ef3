#pragma once
// A Redis server of the test's own, from Debian's package.

#include "tests/support/system_server.hpp"

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

/// Runs from the constructor on.
class redis_server : public system_server {
 public:
  /// Whether its program is installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit redis_server(redis_server_options options = {});

  /// Starts it again on the same port, and waits until it has loaded its data.
  void start();
  /// SIGTERM: it writes out what it has and ends.
  void stop();
  /// "redis://127.0.0.1:port/number".
  std::string url(int number = 0) const;
  /// "rediss://localhost:port/0", when `tls` was asked for.
  std::string tls_url() const { return "rediss://localhost:" + std::to_string(tls_port_) + "/0"; }
  std::uint16_t tls_port() const { return tls_port_; }
  /// The folder of its data.
  const std::filesystem::path& data() const { return dir_.path(); }

 private:
  redis_server_options options_;
  std::uint16_t tls_port_ = 0;
};

}  // namespace stoa::test
