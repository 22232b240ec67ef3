#pragma once
// The quote of an order to place, as computed by the checkout.

#include "actors/order/order_messages.hpp"

namespace stoa::test {

inline std::vector<pricing::priced_line> priced_lines_of(const order::place_order& m) {
  std::vector<pricing::priced_line> lines;
  for (const auto& line : m.lines) lines.push_back({line.price, line.quantity});
  return lines;
}

/// The order with the quote of its lines, which have the same currency.
inline order::place_order quoted(order::place_order m, std::vector<price_part> parts = {}) {
  m.quote =
      pricing::quote_of(priced_lines_of(m), {m.lines.front().price.currency, std::move(parts)})
          .value();
  return m;
}

}  // namespace stoa::test
