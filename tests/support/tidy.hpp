#pragma once
// The house rules that compilers do not check, as functions over a file's path and text.

#include <string>
#include <string_view>
#include <vector>

namespace stoa::tidy {

/// Violations, as "path:line: text".
using findings = std::vector<std::string>;

/// An aggregate with members is not made within a co_await expression: GCC 12 destroys it twice.
findings check_awaits(std::string_view path, std::string_view text);

/// Includes point leftwards only: storage/base <- config <- storage <- actors <- net <- main.cpp.
/// CAF's headers stay in actors/kernel, Beast's and Asio's in net; tests and bench may include all.
findings check_includes(std::string_view path, std::string_view text);
/// Length, tabs, trailing spaces, line ends, the newline at the end, unfinished-work marks.
findings check_text(std::string_view path, std::string_view text);
/// The code of every header starts with #pragma once.
findings check_header(std::string_view path, std::string_view text);
/// All checks above that apply to the file.
findings check(std::string_view path, std::string_view text);

}  // namespace stoa::tidy
