#pragma once
// A fresh database for each test case, on whichever kind the run is for: SQLite in memory, or, with
// STOA_TEST_DATABASE=postgres (or redis, for carts), a server that the program starts for itself.
// ctest runs the programs that include this once on each.

#include "storage/db/connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace stoa::test {

enum class backend { sqlite, postgres, redis };

/// What STOA_TEST_DATABASE asks for. A program that is to run on a server where there is none ends
/// at its start as skipped.
backend chosen_backend();

/// A connection to a new database with the tables of the kernel and, if it is one of the program's,
/// of the service. The database goes with the connection, or with the program.
std::unique_ptr<db::connection> fresh_database(std::string_view service,
                                               backend kind = chosen_backend());

/// Another connection to the database of fresh_database(PostgreSQL only), for what two writers do
/// at once.
std::unique_ptr<db::connection> second_connection(db::connection& first);

}  // namespace stoa::test
