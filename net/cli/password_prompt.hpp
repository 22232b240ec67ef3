#pragma once
// Password input of commands.

#include "storage/base/result.hpp"

#include <string>

namespace stoa::cli {

/// Prompts twice, without echo. Problems: no terminal, the two differ, end of input.
result<std::string> ask_password();
/// Prompts once, for an existing password.
result<std::string> ask_known_password();
/// The file's first line. Problems: unreadable, empty, longer than 4096 bytes. Warns on standard
/// error when other users can read the file.
result<std::string> read_password_file(const std::string& file);

}  // namespace stoa::cli
