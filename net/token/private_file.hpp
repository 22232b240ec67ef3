#pragma once
// Files that contain a secret: mode 0600, written atomically.

#include "storage/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace stoa::token {

/// The file's bytes. Errors (500, code "secret_file"): not readable, not a regular file, larger
/// than bytes_max, or accessible by users other than its owner (its group may read it when root
/// owns it and this process is not root).
result<std::string> read_private_file(const std::filesystem::path& file, std::size_t bytes_max);

/// Reads the file. If it is missing, first writes the result of `make` durably and creates the
/// directory (0700). When two processes do this concurrently, both return the same bytes.
result<std::string> load_or_create_private_file(const std::filesystem::path& file,
                                                std::size_t bytes_max,
                                                const std::function<result<std::string>()>& make);

/// Writes or replaces the file durably and atomically. Errors (500, code "secret_file"): it cannot
/// be written.
result<void> replace_private_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace stoa::token
