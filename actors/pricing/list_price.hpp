#pragma once
// The price of a product for a customer: its own, or that of a price list. Pure; the same function
// prices product pages, carts, quotes and checkouts.
//
// Usable are the lists of the currency that are valid at the time and are for all customers or for
// one of the customer's groups. In each, the tier with the most units that the quantity reaches
// counts.
//   1. The regular price is that of the usable list of the kind `regular` with the highest
//      priority; of equal ones the lowest price; of equal prices that of the older list. Without
//      one it is the product's own price if that is in the currency.
//   2. The sale price is found in the same way among the lists of the kind `sale`. It applies only
//      if it is below the regular price, or if there is none.
//   3. The price to compare with is that of the entry that applies. Without one it is the regular
//      price in a sale, and the product's own `compare_at_price` if no list applies. It is shown
//      only if it is above the price, apart from the product's own.

#include "actors/pricing/price_list_messages.hpp"
#include "actors/pricing/rule_book.hpp"

namespace stoa::pricing {

/// Whom a price is for.
struct price_buyer {
  std::string currency;
  std::vector<std::string> groups;
  timestamp now;
};

/// The prices that the catalogue has.
struct own_price {
  money price;
  std::optional<money> compare_at_price = std::nullopt;
};

struct shown_price {
  money price;
  std::optional<money> compare_at_price = std::nullopt;
  const usable_price_list* list = nullptr;  ///< whose price it is; null: the product's own
};

using listed_price = find_prices::found;

/// The lists that may have a price for the buyer, in the order of the rule book, which must outlive
/// the result.
std::vector<const usable_price_list*> lists_for(const rule_book& rules, const price_buyer& buyer);

/// The amount of the entry for a unit, if the buyer takes so many.
std::int64_t amount_for(const listed_price& entry, std::int64_t quantity);

/// The price of one product. `lists`: lists_for() the buyer; `entries`: of the product, others are
/// ignored. Empty: the product has no price in the currency.
std::optional<shown_price> price_for(const own_price& own,
                                     const std::vector<const usable_price_list*>& lists,
                                     const std::vector<const listed_price*>& entries,
                                     const std::string& currency, std::int64_t quantity);

}  // namespace stoa::pricing
