#pragma once
// The types of lines in a JSON Lines file: those of the catalogue
// (actors/catalog/line_types.hpp), and price lists with their prices. A further type is one more
// entry of the table.

#include "net/shopify/price_lines.hpp"

#include <span>
#include <variant>

namespace stoa::shopify {

using file_line = std::variant<catalog::import_line, pricing::import_price_list, price_line>;

struct file_line_type {
  std::string_view name;
  result<file_line> (*read)(const json::value& line);
};

/// In the order in which an export writes them: a line refers only to objects of types before it,
/// or the same.
std::span<const file_line_type> file_line_types();

/// The line of a text. `malformed` with the JSON errors of requests; validation for another type.
result<file_line> read_file_line(std::string_view text);
/// "product wooden-radio", for display.
std::string object_of(const file_line& line);

}  // namespace stoa::shopify
