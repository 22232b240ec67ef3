#pragma once
// The time limit of queries.

#include "storage/db/value.hpp"

namespace stoa::db {

/// Thrown by read connections: the query has exceeded the time limit of the database. The
/// connection remains usable.
class budget_exceeded : public error {
 public:
  explicit budget_exceeded(const std::string& what) : error(error_kind::busy, "", what) {}
};

}  // namespace stoa::db
