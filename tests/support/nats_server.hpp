#pragma once
// A NATS server with JetStream for the test, from Debian's package.

#include "tests/support/system_server.hpp"

#include <string>
#include <vector>

namespace stoa::test {

struct nats_server_options {
  bool tls = false;      ///< only TLS, with a certificate for 127.0.0.1 and localhost
  std::string user;      ///< empty: no authentication
  std::string password;  ///< of the user
  std::vector<std::string> further_arguments;
};

/// Runs from the constructor on, with its store in a temporary folder.
class nats_server : public system_server {
 public:
  /// Whether its program is installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit nats_server(nats_server_options options = {});

  /// Starts it again and waits until it accepts connections.
  void start();
  /// SIGTERM, and waits for its end.
  void stop();
  /// Kills it and deletes its data. Start it again afterwards.
  void wipe();
  /// The folder of its data.
  std::filesystem::path store() const { return dir_ / "store"; }
  /// "nats://127.0.0.1:port", or tls://.
  std::string url() const;

 private:
  nats_server_options options_;
};

}  // namespace stoa::test
