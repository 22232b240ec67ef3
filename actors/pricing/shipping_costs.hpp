#pragma once
// The shipping methods of a destination and what they cost. Pure.

#include "actors/pricing/basket.hpp"
#include "actors/pricing/rule_book.hpp"

namespace stoa::pricing {

/// A method that can be chosen, with its price for the basket.
struct shipping_offer {
  const shipping_method* method = nullptr;
  std::int64_t amount = 0;  ///< minor units of the basket's currency
};

/// The methods that deliver the basket, in the order of their display; none without a destination.
/// `subtotal`: before discounts. The rule book must outlive the result.
std::vector<shipping_offer> offers_of(const basket& b, std::int64_t subtotal,
                                      const rule_book& rules);

}  // namespace stoa::pricing
