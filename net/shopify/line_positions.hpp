#pragma once
// Where an export of JSON Lines continues: the types of lines one after the other.

#include "net/shopify/file_lines.hpp"

#include <optional>
#include <string>

namespace stoa::shopify {

struct line_position {
  std::string type;
  std::optional<std::string> after;
};
BOOST_DESCRIBE_STRUCT(line_position, (), (type, after))

inline line_position first_line_position() {
  return {std::string(file_line_types().front().name), std::nullopt};
}

/// The position after a page; nothing at the end.
std::optional<line_position> next_line_position(const line_position& at,
                                                std::optional<std::string> next);

}  // namespace stoa::shopify
