#pragma once
// A page of an export of JSON Lines, by queries to the services.

#include "net/shopify/line_positions.hpp"
#include "net/shopify/price_lines.hpp"

#include <utility>

namespace stoa::shopify {

/// The lines at the position. `q` has the selection and the number of objects; ask(query) returns
/// the reply to a query of any service.
template <class Ask>
catalog::line_page read_line_page(const line_position& at, catalog::export_lines q,
                                  const Ask& ask) {
  if (at.type == price_list_type) return price_list_lines(ask(pricing::export_price_lists{}));
  if (at.type == price_type) {
    const auto prices = ask(pricing::export_prices{at.after, q.limit});
    return price_lines(prices, ask(names_query(prices)));
  }
  q.type = at.type;
  q.after = at.after;
  return ask(std::move(q));
}

}  // namespace stoa::shopify
