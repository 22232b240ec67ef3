#pragma once
// The connection of connection.hpp to a PostgreSQL server; internal to the driver.

#include "storage/db/connection.hpp"
#include "storage/db/postgres_link.hpp"

namespace stoa::db {

struct postgres_connection_options {
  postgres_parameters parameters;
  /// Asked for whenever the connection is made; none or an empty one adds no password.
  std::function<std::string()> password;
  /// Of the session; sent when connecting, or with each transaction where that is not allowed.
  std::vector<std::pair<std::string, std::string>> settings;
  bool read_only = false;
  bool prepared_statements = true;
  /// What is sent between two syncs is one transaction of repeatable reads, by the session's
  /// settings.
  bool one_state_by_default = false;
  /// Transactions that write see what others have committed before each statement: for migrations,
  /// whose statements wait for locks while the version before stores rows.
  bool sees_committed = false;
  milliseconds connect_timeout{3000};   ///< for each host of the address
  milliseconds answer_timeout{10'000};  ///< for a whole round trip
  milliseconds reconnect_min{50};
  milliseconds reconnect_max{2000};
};

/// Connects at once; throws error(unavailable).
std::unique_ptr<connection> open_postgres(postgres_connection_options options);

}  // namespace stoa::db
