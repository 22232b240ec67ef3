#pragma once
// `stoa --version` and `stoa version --verbose`.

#include <string>

namespace stoa::cli {

/// "stoa 0.1.0 (commit 1a2b3c4d5e6f)"; without the commit when it is not known (empty).
std::string version_line(const std::string& commit);
/// The line and the versions of compiler and libraries, one a line.
std::string version_details(const std::string& commit);

}  // namespace stoa::cli
