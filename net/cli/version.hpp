#pragma once
// `stoa --version` and `stoa version --verbose`.

#include <string>

namespace stoa::cli {

/// "stoa 0.1.0 (commit 1a2b3c4d5e6f)"; without the commit if it is unknown (empty).
std::string version_line(const std::string& commit);
/// The version line, and the versions of compiler and libraries, one per line.
std::string version_details(const std::string& commit);

}  // namespace stoa::cli
