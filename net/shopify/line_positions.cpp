#include "net/shopify/line_positions.hpp"

namespace stoa::shopify {

std::optional<line_position> next_line_position(const line_position& at,
                                                std::optional<std::string> next) {
  if (next) return line_position{at.type, std::move(next)};
  const auto types = file_line_types();
  for (std::size_t i = 0; i + 1 < types.size(); ++i) {
    if (types[i].name == at.type) return line_position{std::string(types[i + 1].name), {}};
  }
  return std::nullopt;
}

}  // namespace stoa::shopify
