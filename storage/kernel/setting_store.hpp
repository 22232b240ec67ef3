#pragma once
// The common settings of a store's nodes, stored in its databases: a node with other values is
// rejected even if it cannot reach the other nodes.

#include "storage/db/connection.hpp"

#include <map>
#include <string>

namespace stoa::kernel {

using setting_map = std::map<std::string, std::string>;

setting_map read_settings(db::connection& c);
/// Adds missing settings; existing ones are not changed.
void add_setting(db::connection& c, const std::string& name, const std::string& value);
/// Replaces all settings.
void replace_settings(db::connection& c, const setting_map& all);

}  // namespace stoa::kernel
