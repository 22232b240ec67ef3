#pragma once
// The scenarios: which steps of a shop an operation consists of.

#include "bench/shop.hpp"

#include <array>

namespace stoa::bench {

struct scenario_weights {
  int reads = 100;
  int cart_changes = 10;
  int purchases = 1;
};

inline constexpr std::array scenario_names{"browse",     "cart",  "checkout",
                                           "flash-sale", "login", "mixed"};

/// The operation of the scenario. `target` must outlive it. Throws std::invalid_argument for an
/// unknown name.
///
/// browse: a page view: 70 per cent product details, 20 per cent lists, 10 per cent searches.
/// cart: an item is added to the user's cart, or changed in it; a new cart after ten changes.
/// checkout: a full purchase: new cart, two items, checkout, until the order is confirmed.
/// flash-sale: the same with one item, once by each user. An order that is rejected because the
///   product is sold out is a success.
/// login: by password, of one of the prepared accounts.
/// mixed: one of the first three, by weight.
operation scenario_of(std::string_view name, shop& target, const scenario_weights& weights = {});

/// GET of one path of any HTTP server; `pipeline`: requests that a user sends at once.
operation get_of(const std::string& path, int pipeline);

}  // namespace stoa::bench
