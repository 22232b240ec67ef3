#pragma once
// Files with secrets of other servers, one per line.

#include "storage/base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::token {

/// The secrets, visible ASCII characters; empty lines and lines that begin with # are ignored.
/// Errors (500): those of read_private_file, another character, no secret, and more than 16.
result<std::vector<std::string>> read_secret_lines(const std::filesystem::path& file);

/// The same for a file with one secret.
result<std::string> read_secret(const std::filesystem::path& file);

}  // namespace stoa::token
