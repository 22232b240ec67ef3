#pragma once
// Which store a service's database belongs to, which services of the store it has seen, and which
// of all databases it is.

#include "storage/db/connection.hpp"

#include <map>
#include <optional>
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

/// The random id of this database, which its copies have too (replicas, base backups), and a
/// database in its place (created again, or by `stoa restore`) has not. Nothing: it has none yet.
std::optional<uuid> find_identity(db::connection& c);
/// The same; gives it one if it has none.
uuid make_identity(db::connection& c);

}  // namespace stoa::kernel
