#pragma once
// Implementation of connection.hpp for PostgreSQL; internal to the driver.

#include "storage/db/connection.hpp"
#include "storage/db/postgres_link.hpp"

namespace stoa::db {

struct postgres_connection_options {
  postgres_parameters parameters;
  /// Called for each connect; none or an empty one adds no password.
  std::function<std::string()> password;
  /// Settings of the session; sent when connecting, or with each transaction if that is not
  /// allowed.
  std::vector<std::pair<std::string, std::string>> settings;
  bool read_only = false;
  bool prepared_statements = true;
  /// Statements between two syncs are one repeatable-read transaction by the session's settings.
  bool one_state_by_default = false;
  /// Write transactions use READ COMMITTED: for migrations, whose statements wait for locks while
  /// the previous version inserts rows.
  bool sees_committed = false;
  milliseconds connect_timeout{3000};   ///< per host of the address
  milliseconds answer_timeout{10'000};  ///< for a whole round trip
  milliseconds reconnect_min{50};
  milliseconds reconnect_max{2000};
};

/// Connects; throws error(unavailable).
std::unique_ptr<connection> open_postgres(postgres_connection_options options);

}  // namespace stoa::db
