#pragma once
// What a cart costs now, and what keeps it from being ordered: one rule for the cart that is shown
// and for its checkout.

#include "actors/cart/cart_messages.hpp"
#include "actors/catalog/catalog_messages.hpp"
#include "actors/kernel/service_calls.hpp"
#include "actors/pricing/quote.hpp"

namespace stoa::checkout {

/// What keeps a cart from being ordered as it is, with the codes of the checkout's refusal; and in
/// the answer of a merge, what was left out.
struct cart_notice {
  static constexpr std::string_view schema_name = "cart_notice";
  std::string code;  ///< not_sold, sold_out, quantity_cut, or why there is no quote
  std::optional<stoa::cart_item_id> cart_item_id;
  std::string detail;  ///< for people
  static constexpr json::rule rules[] = {
      {.field = "code",
       .description = "`not_sold`, `sold_out`, `total_too_large` and `invalid_quote` (prices of "
                      "several currencies) keep the cart from being ordered as it is. "
                      "`quantity_cut`, in the answer of a merge alone: the line "
                      "has the most that a line may have, which is less than both carts had."}};
};
BOOST_DESCRIBE_STRUCT(cart_notice, (), (code, cart_item_id, detail))

/// Today's prices of a cart's products, in no order. Those that are `known` are not asked for
/// again.
kernel::task<catalog::price_list> prices_of(kernel::service_calls& calls,
                                            const cart::cart_content& content,
                                            catalog::price_list known = {});
/// The price of one product; null when it is not sold (any more).
const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id);
/// What keeps the line from being ordered; `now` is null when the product is not sold.
std::optional<cart_notice> notice_of(const cart::cart_item_content& item,
                                     const catalog::price_item* now);
/// The line at the price of now; of what is not sold, at the price when it was added.
pricing::priced_line priced(const cart::cart_item_content& item, const catalog::price_item* now);
/// Of all lines, whether or not they can be had. Refused as by pricing::quote_of().
result<pricing::quote> quote_of(const cart::cart_content& content,
                                const catalog::price_list& prices, const std::string& currency);

}  // namespace stoa::checkout
