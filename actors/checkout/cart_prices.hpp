#pragma once
// Price lists in carts: which prices of the catalogue they replace.

#include "actors/checkout/cart_quote.hpp"
#include "actors/pricing/list_price.hpp"

namespace stoa::checkout {

/// The prices of the products in the price lists that are for the buyer. Asks nothing if there are
/// no such lists.
kernel::task<std::vector<pricing::listed_price>> listed_prices(
    kernel::service_calls& calls, pricing::rule_book_ptr rules, pricing::price_buyer buyer,
    std::vector<stoa::product_id> products);
/// Those of the cart's products.
kernel::task<std::vector<pricing::listed_price>> listed_prices_of(kernel::service_calls& calls,
                                                                  const cart_context& context);

/// Sets the prices of the context to those that apply to the cart; notes the products that have
/// none. The quantity of a product is that of all its lines.
void apply_prices(const cart::cart_content& content,
                  const std::vector<pricing::listed_price>& listed, cart_context& context);

/// The price at which a line was added, for who asks.
struct added_price {
  money price;
  /// What it is now for the same number of units and the same buyer, if that has changed.
  std::optional<money> changed_to = std::nullopt;
};
/// `current`: the line's price now. A line that was added at the price of another account's groups
/// shows its current price: nothing has changed for who asks.
added_price added_price_of(const cart_context& context, const cart::cart_item_content& item,
                           const money& current);

/// A price with the circumstances in which it applies (cart::add_item).
struct price_of_units {
  money price;
  std::int64_t units = 0;
  std::optional<stoa::user_id> buyer = std::nullopt;
};
/// The price at which more units of a product are added to the cart. Empty: it has none in the
/// cart's currency.
kernel::task<std::optional<price_of_units>> price_to_add(
    kernel::service_calls& calls, const cart::cart_content& content, pricing::rule_book_ptr rules,
    std::string store_currency, const catalog::price_item& item, std::int64_t quantity);

}  // namespace stoa::checkout
