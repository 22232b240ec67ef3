#pragma once
// A fresh database for each test case, of the kind selected for the run: SQLite in memory, or, with
// STOA_TEST_DATABASE=postgres (or redis, for carts), a server started by the program. ctest runs
// the programs that include this once on each.

#include "storage/db/connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace stoa::test {

enum class backend { sqlite, postgres, redis };

/// The value of STOA_TEST_DATABASE. When the server is not installed, the program exits at its
/// start as skipped.
backend chosen_backend();

/// A connection to a new database with the kernel's tables and, if it is one of the program's
/// services, the service's tables. The database is deleted with the connection or the program.
std::unique_ptr<db::connection> fresh_database(std::string_view service,
                                               backend kind = chosen_backend());

/// Another connection to the database of fresh_database (PostgreSQL only), for concurrent writers.
std::unique_ptr<db::connection> second_connection(db::connection& first);

}  // namespace stoa::test
