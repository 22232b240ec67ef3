#pragma once
// A NATS server with JetStream of the test's own, from Debian's package.

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stoa::test {

struct nats_server_options {
  bool tls = false;      ///< only TLS, with a certificate for 127.0.0.1 and localhost
  std::string user;      ///< empty: anybody may connect
  std::string password;  ///< of the user
  std::vector<std::string> further_arguments;
};

/// Runs from the constructor on, on the same port of 127.0.0.1 after each start, with its store in
/// a folder of its own. Start it in the main thread: it ends with the thread.
class nats_server {
 public:
  /// Whether its program is installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit nats_server(nats_server_options options = {});
  ~nats_server();
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  /// Starts it again, and waits until it greets.
  void start();
  /// SIGTERM, and waits for its end.
  void stop();
  void kill() { process_->kill(); }
  /// SIGSTOP, as a machine that hangs.
  void freeze() { process_->signal_all(SIGSTOP); }
  void thaw() { process_->signal_all(SIGCONT); }
  /// Kills it, and deletes all that it has stored. Start it again afterwards.
  void wipe();
  bool running() { return process_->running(); }

  std::uint16_t port() const { return port_; }
  /// "nats://127.0.0.1:port", or tls://.
  std::string url() const;
  /// The file with the certificate to trust, when `tls` was asked for.
  std::filesystem::path certificate() const { return dir_ / "server.crt"; }
  std::string log_end() const { return process_->log_end(); }

 private:
  void make_certificate();
  bool greets() const;

  nats_server_options options_;
  temp_dir dir_;
  std::uint16_t port_;
  std::unique_ptr<child_process> process_;
};

}  // namespace stoa::test
