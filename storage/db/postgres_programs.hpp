#pragma once
// PostgreSQL's own programs (pg_dump, pg_restore): how they find a database, without a password in
// their arguments.

#include <string>
#include <utility>
#include <vector>

namespace stoa::db {

/// For --dbname: what libpq has no environment variable for, so that a lost server is noticed.
inline constexpr const char* postgres_keepalives =
    "keepalives_idle=10 keepalives_interval=5 keepalives_count=3";

/// libpq's environment variables (PGHOST, PGDATABASE, PGPASSWORD, ...) for the address. `password`
/// counts where the address has none. Throws error(programming) for an address that is none.
std::vector<std::pair<std::string, std::string>> postgres_environment(const std::string& url,
                                                                      const std::string& password);

}  // namespace stoa::db
