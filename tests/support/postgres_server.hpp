#pragma once
// A PostgreSQL server of the test's own, from Debian's packages; and PgBouncer in front of it.

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

struct postgres_server_options {
  bool fsync = true;  ///< off where durability is not what is tested: commits are faster then
  bool tls = false;   ///< offers TLS with a certificate for 127.0.0.1 and localhost
  int max_connections = 200;
  /// Further settings of the server, as {"log_statement", "all"}.
  std::vector<std::pair<std::string, std::string>> settings{};
};

/// Runs from the constructor on, on 127.0.0.1 and on a socket in its folder; the role `stoa` may do
/// everything, without a password. Start it in the main thread: it ends with the thread.
class postgres_server {
 public:
  /// Whether its programs are installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit postgres_server(postgres_server_options options = {});
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// Starts it again on the same port, and waits until it accepts connections.
  void start();
  /// As `pg_ctl stop -m fast`: open transactions are rolled back.
  void stop();
  /// SIGKILL to all its processes at once.
  void kill();
  /// SIGSTOP to all its processes, as a machine that hangs.
  void freeze();
  void thaw();
  bool running() { return process_->running(); }

  std::uint16_t port() const { return port_; }
  /// "postgresql://stoa@127.0.0.1:port/database".
  std::string url(const std::string& database) const;
  /// The same by the socket in its folder.
  std::string socket_url(const std::string& database) const;
  void create_database(const std::string& name, const std::string& from_template = "template1");
  void drop_database(const std::string& name);
  /// Runs statements as an administrator; returns the first column of the last result's first row,
  /// or "". Throws with the server's message.
  std::string run(const std::string& database, const std::string& sql) const;
  /// The file with the certificate to trust (sslrootcert), when `tls` was asked for.
  std::filesystem::path certificate() const { return dir_ / "server.crt"; }
  std::filesystem::path data() const { return dir_ / "data"; }
  std::string log_end() const { return process_->log_end(); }

 private:
  void make_certificate();

  postgres_server_options options_;
  temp_dir dir_;
  std::uint16_t port_;
  std::unique_ptr<child_process> process_;
};

/// PgBouncer in transaction mode: each transaction may meet another connection of the server.
class pgbouncer {
 public:
  static bool available();

  /// At most `pool` connections to each database of the server behind it.
  explicit pgbouncer(const postgres_server& behind, int pool = 4);

  void start();
  void kill() { process_->kill(); }
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& database) const;
  std::string log_end() const { return process_->log_end(); }

 private:
  temp_dir dir_;
  std::uint16_t port_;
  std::unique_ptr<child_process> process_;
};

}  // namespace stoa::test
