#pragma once
// A service's tables copied from PostgreSQL, or the carts from Redis, so that the same checks read
// them as those of a store in files.

#include "tests/support/store_files.hpp"

struct sqlite3;

namespace stoa::test {

/// Attaches a database in memory as "<service>_db" and fills it. UUIDs become blobs, as they are in
/// SQLite. Throws std::runtime_error with the server's message.
void copy_service(const store_place& place, const std::string& service, sqlite3* to);

/// What a condition counts in one table of the service, asked where it is; carts in Redis have
/// nothing that is ever open. Throws as above.
std::int64_t count_rows(const store_place& place, const std::string& service,
                        const std::string& table, const std::string& condition);

}  // namespace stoa::test
