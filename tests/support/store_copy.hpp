#pragma once
// Copies a service's tables from PostgreSQL, or the carts from Redis, so that the same checks read
// them as in a store in files.

#include "tests/support/store_files.hpp"

#include <memory>

struct sqlite3;

namespace stoa::test {

/// Attaches an in-memory database as "<service>_db" and fills it. UUIDs become blobs, as in SQLite.
/// Throws std::runtime_error with the server's message.
void copy_service(const store_place& place, const std::string& service, sqlite3* to);

/// Counts rows in place over persistent connections: a waiting test counts often.
class row_counter {
 public:
  explicit row_counter(store_place place);
  ~row_counter();
  /// Counts the service's rows that match the condition; carts in Redis never have open work.
  /// Throws as above.
  std::int64_t count(const std::string& service, const std::string& table,
                     const std::string& condition);
  /// The query's number, for a service in PostgreSQL.
  std::int64_t number(const std::string& service, const std::string& sql);

 private:
  struct connections;
  store_place place_;
  std::unique_ptr<connections> open_;
};

}  // namespace stoa::test
