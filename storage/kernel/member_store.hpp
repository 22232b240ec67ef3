#pragma once
// The identity of a service's database, its store, and the store's services it has seen.

#include "storage/db/connection.hpp"

#include <map>
#include <optional>
#include <string>

namespace stoa::kernel {

/// Service -> store id, as stored in the database.
using member_map = std::map<std::string, std::string>;

/// All rows. Throws db::error(programming) if the kernel's migrations are not applied.
member_map read_members(db::connection& c);
/// Adds the service if it is missing; an existing row is not changed.
void add_member(db::connection& c, const std::string& service, const std::string& store_id);
/// Replaces all rows by one, after an operator has accepted a loss.
void replace_members(db::connection& c, const std::string& service, const std::string& store_id);

/// The random id of this database, if it has one. Copies (replicas, base backups) have the same id;
/// a recreated or restored (`stoa restore`) database has another one.
std::optional<uuid> find_identity(db::connection& c);
/// The same; creates the id if it is missing.
uuid make_identity(db::connection& c);

}  // namespace stoa::kernel
