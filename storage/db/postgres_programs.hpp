#pragma once
// Connection parameters for PostgreSQL's client programs (pg_dump, pg_restore), without a password
// in their arguments.

#include <string>
#include <utility>
#include <vector>

namespace stoa::db {

/// For --dbname: keepalives, for which libpq has no environment variables.
inline constexpr const char* postgres_keepalives =
    "keepalives_idle=10 keepalives_interval=5 keepalives_count=3";

/// libpq's environment variables (PGHOST, PGDATABASE, PGPASSWORD, ...) for the address. `password`
/// is used if the address has none. Throws error(programming) for an invalid address.
std::vector<std::pair<std::string, std::string>> postgres_environment(const std::string& url,
                                                                      const std::string& password);

}  // namespace stoa::db
