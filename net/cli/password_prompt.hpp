#pragma once
// Where `stoa user create` and `stoa top` get a password from.

#include "storage/base/result.hpp"

#include <string>

namespace stoa::cli {

/// Asks twice on the terminal, without showing what is typed. Problems: there is no terminal, the
/// two differ, the input ended.
result<std::string> ask_password();
/// The same for a password that there is already: asks once.
result<std::string> ask_known_password();
/// The file's first line. Problems: it cannot be read, it is empty, it is longer than 4096 bytes.
/// Warns on standard error when others may read it.
result<std::string> read_password_file(const std::string& file);

}  // namespace stoa::cli
