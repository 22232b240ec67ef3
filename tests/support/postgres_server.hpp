#pragma once
// A PostgreSQL server for the test, from Debian's packages; and PgBouncer in front of it.

#include "tests/support/system_server.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

struct postgres_server_options {
  bool fsync = true;  ///< off where durability is not tested: commits are faster
  bool tls = false;   ///< offers TLS with a certificate for 127.0.0.1 and localhost
  int max_connections = 200;
  /// Further settings of the server, as {"log_statement", "all"}.
  std::vector<std::pair<std::string, std::string>> settings{};
};

/// Runs from the constructor on, also on a socket in its folder; the role `stoa` is a superuser
/// without a password.
class postgres_server : public system_server {
 public:
  /// Whether its programs are installed; tests skip otherwise.
  static bool available();

  /// Throws with the end of the log when it does not start.
  explicit postgres_server(postgres_server_options options = {});

  /// Starts it again on the same port, and waits until it accepts connections.
  void start();
  /// As `pg_ctl stop -m fast`: open transactions are rolled back.
  void stop();
  /// "postgresql://stoa@127.0.0.1:port/database".
  std::string url(const std::string& database) const;
  /// The URL over the socket in its folder.
  std::string socket_url(const std::string& database) const;
  /// The file of that socket.
  std::filesystem::path socket() const { return dir_ / (".s.PGSQL." + std::to_string(port_)); }
  void create_database(const std::string& name, const std::string& from_template = "template1");
  void drop_database(const std::string& name);
  /// Runs statements as an administrator; returns the first column of the last result's first row,
  /// or "". Throws with the server's message.
  std::string run(const std::string& database, const std::string& sql) const;
  std::filesystem::path data() const { return dir_ / "data"; }

 protected:
  /// `fill` creates the data folder; its argument is the folder of the server's programs. Does not
  /// start yet.
  postgres_server(postgres_server_options options,
                  const std::function<void(const std::filesystem::path& programs)>& fill);
  void add_setting(const std::string& name, const std::string& value) {
    options_.settings.emplace_back(name, value);
  }

 private:
  void make_data(const std::filesystem::path& programs);

  postgres_server_options options_;
};

/// PgBouncer in transaction mode: each transaction may use a different server connection.
class pgbouncer : public system_server {
 public:
  static bool available();

  /// At most `pool` connections to each database of the server behind it.
  explicit pgbouncer(const postgres_server& behind, int pool = 4);

  void start();
  std::string url(const std::string& database) const;
};

}  // namespace stoa::test
