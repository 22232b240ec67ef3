#pragma once
// The SQLite driver.

#include "storage/base/time.hpp"
#include "storage/db/connection.hpp"

namespace stoa::db {

enum class sqlite_mode {
  write,    ///< the service writer's: creates the file, WAL, synchronous=FULL
  read,     ///< a read actor's: never waits for a commit, cannot write
  inspect,  ///< reads a file that no process has open, and creates nothing beside it
  memory,   ///< a private database in memory, for tests and the simulator
};

/// Opens the file. synchronous=FULL because NORMAL loses acknowledged commits in a power cut.
/// Throws error(unavailable) with the path in the message. When `query_time_max` is not 0, a query
/// that takes more of its thread's processor time ends with budget_exceeded; all queries of one
/// transaction count together.
std::unique_ptr<connection> open_sqlite(const std::string& path, sqlite_mode mode,
                                        milliseconds query_time_max = {});

/// Replaces everything in the one database by the content of the other (both of open_sqlite).
void copy_sqlite(connection& from, connection& to);

}  // namespace stoa::db
