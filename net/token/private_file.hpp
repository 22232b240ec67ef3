#pragma once
// Files that hold a secret: mode 0600, written whole or not at all.

#include "storage/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace stoa::token {

/// The file's bytes. Errors (500, code "secret_file"): it cannot be read, it is no regular file, it
/// is larger than bytes_max, or others than its owner may read or write it (its group may read it
/// when it is root's and this process is not).
result<std::string> read_private_file(const std::filesystem::path& file, std::size_t bytes_max);

/// Reads the file; where there is none, writes what `make` gives, durably, and returns what the
/// file then holds: of two processes that do this at once, both get the same bytes. Creates the
/// folder (0700).
result<std::string> load_or_create_private_file(const std::filesystem::path& file,
                                                std::size_t bytes_max,
                                                const std::function<result<std::string>()>& make);

/// Writes the file, or replaces it, durably: at any moment it holds the old bytes or the new ones.
/// Errors (500, code "secret_file"): it cannot be written.
result<void> replace_private_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace stoa::token
