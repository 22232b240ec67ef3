#pragma once
// The PostgreSQL driver (15 or newer), on libpq in pipeline mode.
//
// error_kind::unknown: the commit may have happened, or not, or may still happen, if the server
// hung or the network delayed the data. To determine the outcome, first change and commit the row
// that the batch is conditional on (the epoch of its partition); only then is the outcome final.

#include "storage/base/time.hpp"
#include "storage/db/database.hpp"

#include <functional>

namespace stoa::db {

struct postgres_options {
  /// libpq's connection string or URL of the service's database, without the password.
  std::string url;
  /// The same for a streaming replica; empty: none.
  std::string replica_url;
  /// Called for each new connection, so that a changed password takes effect. None or an empty
  /// password: libpq's defaults (PGPASSWORD, .pgpass, peer).
  std::function<std::string()> password;
  std::string application_name = "stoa";
  /// False: every statement is sent with its text, for PgBouncer in transaction mode.
  bool prepared_statements = true;
  milliseconds connect_timeout{3000};
  milliseconds statement_timeout{10'000};  ///< also the timeout for a reply of the server
  milliseconds query_time_max{0};  ///< for a statement of a bounded query; 0: like all others
  /// Timeout for connecting to the replica and for its replies; then the primary is used.
  milliseconds replica_timeout{2000};
  milliseconds reconnect_min{50};
  milliseconds reconnect_max{2000};
};

/// Connects at the first open().
std::unique_ptr<database> postgres_database(postgres_options options);

}  // namespace stoa::db
