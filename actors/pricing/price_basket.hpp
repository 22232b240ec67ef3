#pragma once
// The price of a basket under the rules. Pure; the same function prices a displayed cart, a quote
// and a checkout.

#include "actors/pricing/discounts.hpp"
#include "actors/pricing/quote.hpp"
#include "actors/pricing/shipping_costs.hpp"

namespace stoa::pricing {

struct priced_basket {
  pricing::quote quote;
  std::vector<redeemed_promotion> redemptions;  ///< what an order with this quote must reserve
  std::vector<unused_code> unused_codes;
  /// The chosen method; empty if none is chosen, or if it does not deliver the basket.
  std::optional<chosen_shipping> shipping;
};

/// First the costs of shipping, then discounts, then taxes on what is left. The errors of
/// quote_of().
result<priced_basket> price_basket(const basket& b, const rule_book& rules);

/// The unit prices and quantities of the basket.
std::vector<priced_line> lines_of(const basket& b);

}  // namespace stoa::pricing
