#pragma once
// The PostgreSQL driver (15 or newer), on libpq in pipeline mode.
//
// error_kind::unknown says that a commit may have happened, or not, or may still happen: a server
// that hung, or a network that held the bytes back, carries it out later. So whoever looks for the
// outcome must first change, and commit, the row that the batch was conditional on (the epoch of
// its partition); what the batch has written is final only then.

#include "storage/base/time.hpp"
#include "storage/db/database.hpp"

#include <functional>

namespace stoa::db {

struct postgres_options {
  /// libpq's connection string or URL of the service's database, without the password.
  std::string url;
  /// The same of a streaming replica; empty: there is none.
  std::string replica_url;
  /// Asked for each connection that is made, so that a changed password is found; none or an empty
  /// one: what libpq finds (PGPASSWORD, .pgpass, peer).
  std::function<std::string()> password;
  std::string application_name = "stoa";
  /// Off: every statement is sent with its text, as PgBouncer in transaction mode needs it.
  bool prepared_statements = true;
  milliseconds connect_timeout{3000};
  milliseconds statement_timeout{10'000};  ///< also the longest wait for an answer of the server
  milliseconds query_time_max{0};          ///< for a statement of a bounded query; 0: as all others
  /// To connect to the replica, and for its answers: the primary is asked then.
  milliseconds replica_timeout{2000};
  milliseconds reconnect_min{50};
  milliseconds reconnect_max{2000};
};

/// Nothing is connected before the first open().
std::unique_ptr<database> postgres_database(postgres_options options);

}  // namespace stoa::db
