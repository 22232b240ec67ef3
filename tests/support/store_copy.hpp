#pragma once
// A service's tables copied from PostgreSQL, or the carts from Redis, so that the same checks read
// them as those of a store in files.

#include "tests/support/store_files.hpp"

#include <memory>

struct sqlite3;

namespace stoa::test {

/// Attaches a database in memory as "<service>_db" and fills it. UUIDs become blobs, as they are in
/// SQLite. Throws std::runtime_error with the server's message.
void copy_service(const store_place& place, const std::string& service, sqlite3* to);

/// Counts rows where they are, over connections that it keeps: a test that waits counts often.
class row_counter {
 public:
  explicit row_counter(store_place place);
  ~row_counter();
  /// What the condition counts in the service's table; carts in Redis have nothing that is ever
  /// open. Throws as above.
  std::int64_t count(const std::string& service, const std::string& table,
                     const std::string& condition);
  /// The number that the query gives, of a service in PostgreSQL.
  std::int64_t number(const std::string& service, const std::string& sql);

 private:
  struct connections;
  store_place place_;
  std::unique_ptr<connections> open_;
};

}  // namespace stoa::test
