#pragma once
// A connection to a PostgreSQL server in pipeline mode, with a deadline on every wait. Handles the
// protocol, not transactions. Internal to the driver.

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

/// Parses a connection string or URL. Throws error(programming) with libpq's message.
postgres_parameters parse_postgres_url(const std::string& url);
/// Splits the address by host, in order, so that an unresponsive host does not use up the time of
/// the others. A single address if libpq must compare hosts (prefer-standby).
std::vector<postgres_parameters> hosts_of(const postgres_parameters& parameters);
/// "postgresql://user@host:port/database", without secrets.
std::string describe_postgres(const postgres_parameters& parameters);

/// Joins libpq's lines and drops its hints, which are indented.
std::string in_one_line(const std::string& text);

struct free_result {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using postgres_result = std::unique_ptr<PGresult, free_result>;

class postgres_link {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  /// Connects and enters pipeline mode. Throws error(unavailable). The deadline does not bound name
  /// resolution, which libpq leaves to the system's resolver.
  postgres_link(const postgres_parameters& parameters, deadline until);

  // These queue messages, which may not be sent before a wait or flush(). The queue is bounded only
  // by memory, so that a batch larger than the socket buffers cannot cause a deadlock. All throw
  // error(unavailable) if the connection is lost.

  void prepare(const std::string& name, const std::string& text);
  /// Describes the parameters of a prepared statement; "": of the unnamed one.
  void describe(const std::string& name);
  void run_prepared(const std::string& name, const std::vector<value>& values);
  void run_text(const std::string& text, const std::vector<value>& values);
  /// The same with values in the protocol's binary format.
  void run_prepared_binary(const std::string& name, const std::vector<std::string>& values);
  void run_text_binary(const std::string& text, const std::vector<std::string>& values);
  void sync();

  /// Sends without waiting as much as possible.
  void flush();
  /// The next result; null at the end of a command's results.
  postgres_result next(deadline until);
  /// Runs a script of several statements outside pipeline mode. Returns its first error, or null.
  postgres_result run_script(const std::string& text, deadline until);
  /// False if the server has closed the connection. Does not wait.
  bool alive() noexcept;
  /// The last message of the server or libpq, in one line.
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

/// The error of a failed result. `may_be_stale`: the statement divides by zero unless it changed
/// exactly one row.
error postgres_error(const PGresult& result, const std::string& where, bool may_be_stale);
/// Whether the server closes the connection with this error, or libpq found it closed.
bool ends_connection(const PGresult& result);
/// Whether the statement exceeded statement_timeout.
bool exceeds_time(const PGresult& result);
/// Whether the connection must be replaced although it is still open: the server has become a
/// replica, or does not know a prepared statement.
bool spoils_connection(const PGresult& result);

/// Converts one value by its column's type.
value read_postgres_value(const PGresult& result, int row_number, int column);
/// Converts one row, each value by its column's type.
void read_postgres_row(const PGresult& result, int row_number, std::vector<value>& out);

}  // namespace stoa::db
