#pragma once
// Which store a service's database belongs to, and which services of the store it has seen.

#include "storage/db/connection.hpp"

#include <map>
#include <string>

namespace stoa::kernel {

/// Service -> store id, as the database has them.
using member_map = std::map<std::string, std::string>;

/// All rows. Throws db::error(programming) when the kernel's migrations have not been applied.
member_map read_members(db::connection& c);
/// Adds the service if it is not there; a row that is there stays as it is.
void add_member(db::connection& c, const std::string& service, const std::string& store_id);
/// Forgets all rows and adds the one: for an operator who has accepted a loss.
void replace_members(db::connection& c, const std::string& service, const std::string& store_id);

}  // namespace stoa::kernel
