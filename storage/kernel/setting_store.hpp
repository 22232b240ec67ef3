#pragma once
// The settings with which a store's nodes run, as its databases know them: a node with others is
// refused even when it does not reach the other nodes.

#include "storage/db/connection.hpp"

#include <map>
#include <string>

namespace stoa::kernel {

using setting_map = std::map<std::string, std::string>;

setting_map read_settings(db::connection& c);
/// One that is there already stays as it is.
void add_setting(db::connection& c, const std::string& name, const std::string& value);
/// These, and no others.
void replace_settings(db::connection& c, const setting_map& all);

}  // namespace stoa::kernel
