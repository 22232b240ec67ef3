#pragma once
// The SQLite driver.

#include "storage/base/time.hpp"
#include "storage/db/connection.hpp"

namespace stoa::db {

enum class sqlite_mode {
  write,    ///< for the service's writer: creates the file, WAL, synchronous=FULL
  read,     ///< for read actors: never waits for a commit, cannot write
  inspect,  ///< reads a file that no process has open; creates no other files
  memory,   ///< a private database in memory, for tests and the simulator
};

/// Opens the file. synchronous=FULL because NORMAL loses acknowledged commits in a power failure.
/// Throws error(unavailable) with the path in the message. If `query_time_max` is not 0, a query
/// that uses more CPU time throws budget_exceeded; the queries of a transaction share the limit.
std::unique_ptr<connection> open_sqlite(const std::string& path, sqlite_mode mode,
                                        milliseconds query_time_max = {});

/// Replaces the content of one database by that of the other (both from open_sqlite).
void copy_sqlite(connection& from, connection& to);

}  // namespace stoa::db
