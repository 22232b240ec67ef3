#pragma once
// The types of lines in a JSON Lines file. A further type is one more entry of the table, in a file
// with its functions, and one more member of import_line.

#include "actors/catalog/line_messages.hpp"

#include <span>
#include <string_view>

namespace stoa::catalog {

struct line_type {
  std::string_view name;
  /// Binds the JSON of a line to the member of the command; returns the problem.
  std::optional<problem> (*bind)(const json::value& line, import_line& to);
};

/// In the order in which an export writes them: a line refers only to objects of types before it,
/// or the same.
std::span<const line_type> line_types();

/// `{"type":"...",` and the members of the JSON object.
std::string typed_line(std::string_view type, const std::string& object);

/// The command of a line of text. `malformed` with the JSON errors of requests; validation for
/// another type.
result<import_line> read_line(std::string_view text);
/// The same of a parsed line.
result<import_line> read_line(const json::value& line);

}  // namespace stoa::catalog
