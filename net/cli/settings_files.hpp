#pragma once
// The files that the settings name, as the server reads them when it starts.

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace stoa::cli {

/// Why files with secrets, keys or templates cannot be used; each fault names the setting.
std::vector<std::string> file_faults(const settings& s);

}  // namespace stoa::cli
