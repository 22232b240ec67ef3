#pragma once
// The PostgreSQL driver (15 or newer), on libpq in pipeline mode.

#include "storage/base/time.hpp"
#include "storage/db/database.hpp"

namespace stoa::db {

struct postgres_options {
  /// libpq's connection string or URL of the service's database, without the password.
  std::string url;
  /// The same of a replica for queries; empty: the primary.
  std::string replica_url;
  std::string password;  ///< empty: what libpq finds (PGPASSWORD, .pgpass, peer)
  std::string application_name = "stoa";
  /// Off: every statement is sent with its text, as PgBouncer in transaction mode needs it.
  bool prepared_statements = true;
  milliseconds connect_timeout{3000};
  milliseconds statement_timeout{10'000};  ///< also the longest wait for an answer of the server
  milliseconds reconnect_min{50};
  milliseconds reconnect_max{2000};
};

/// Nothing is connected before the first open().
std::unique_ptr<database> postgres_database(postgres_options options);

}  // namespace stoa::db
