#pragma once
// Queries that end because they take too long.

#include "storage/db/value.hpp"

namespace stoa::db {

/// Thrown by connections for reading: the query has exceeded the time that the database was opened
/// with. Neither the connection nor the database is at fault: the next query is answered.
class budget_exceeded : public error {
 public:
  explicit budget_exceeded(const std::string& what) : error(error_kind::busy, "", what) {}
};

}  // namespace stoa::db
