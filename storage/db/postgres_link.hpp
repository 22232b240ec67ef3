#pragma once
// One connection to a PostgreSQL server in pipeline mode, with a deadline on every wait. Internal
// to the driver: it knows the protocol's turns, not transactions.

#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::db {

/// libpq's keywords and their values ("host", "dbname", "sslmode", ...).
using postgres_parameters = std::map<std::string, std::string>;

/// Reads a connection string or URL. Throws error(programming) with libpq's reason.
postgres_parameters parse_postgres_url(const std::string& url);
/// The same for each of its hosts alone, in their order, so that one that does not answer takes no
/// time from the others. One address for what libpq must compare hosts for (prefer-standby).
std::vector<postgres_parameters> hosts_of(const postgres_parameters& parameters);
/// "postgresql://user@host:port/database", without secrets.
std::string describe_postgres(const postgres_parameters& parameters);

/// libpq's lines as one, without its advice, which stands indented.
std::string in_one_line(const std::string& text);

struct free_result {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using postgres_result = std::unique_ptr<PGresult, free_result>;

class postgres_link {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  /// Connects and enters pipeline mode. Throws error(unavailable). Looking up a host's name is not
  /// bounded by the deadline: libpq leaves it to the system's resolver.
  postgres_link(const postgres_parameters& parameters, deadline until);

  // These queue what they say; nothing is sent for certain before a wait or flush(). Memory is the
  // only bound of the queue, so that a batch larger than the sockets' buffers cannot block both
  // sides. All throw error(unavailable) when the connection is lost.

  void prepare(const std::string& name, const std::string& text);
  /// The types of a prepared statement's parameters; "": of the one last prepared without a name.
  void describe(const std::string& name);
  void run_prepared(const std::string& name, const std::vector<value>& values);
  void run_text(const std::string& text, const std::vector<value>& values);
  /// The same with values in the protocol's binary form.
  void run_prepared_binary(const std::string& name, const std::vector<std::string>& values);
  void run_text_binary(const std::string& text, const std::vector<std::string>& values);
  void sync();

  /// Sends what can be sent without waiting.
  void flush();
  /// The next result; null at the end of a command's results.
  postgres_result next(deadline until);
  /// Leaves the pipeline for one text of several statements: its first error, or null.
  postgres_result run_script(const std::string& text, deadline until);
  /// False when the server has closed the connection meanwhile. Does not wait.
  bool alive() noexcept;
  /// The server's or libpq's last message, in one line.
  std::string message() const;

 private:
  struct close_connection {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
  };
  void check(int sent) const;
  void wait_for(short events, deadline until) const;
  void await_input(deadline until);

  std::unique_ptr<PGconn, close_connection> connection_;
};

/// The error that a failed result stands for. `may_be_stale`: the statement divides by zero when it
/// has not changed exactly one row.
error postgres_error(const PGresult& result, const std::string& where, bool may_be_stale);
/// Whether the server ends the connection with this error, or libpq has found it ended.
bool ends_connection(const PGresult& result);
/// Whether the server has ended the statement because of its statement_timeout.
bool exceeds_time(const PGresult& result);
/// Whether the connection must be made anew although the server would go on with it: it has become
/// a replica, or does not know what was prepared.
bool spoils_connection(const PGresult& result);

/// Reads one value by its column's type.
value read_postgres_value(const PGresult& result, int row_number, int column);
/// Reads one row, each value by its column's type.
void read_postgres_row(const PGresult& result, int row_number, std::vector<value>& out);

}  // namespace stoa::db
