#pragma once
// The current quote of a cart, and what prevents its order: one rule for the displayed cart and for
// its checkout.

#include "actors/cart/cart_messages.hpp"
#include "actors/catalog/catalog_messages.hpp"
#include "actors/kernel/service_calls.hpp"
#include "actors/pricing/quote.hpp"

namespace stoa::checkout {

/// Why a cart cannot be ordered as it is, with the checkout's error codes; in the answer to a
/// merge, what was reduced.
struct cart_notice {
  static constexpr std::string_view schema_name = "cart_notice";
  std::string code;  ///< not_sold, sold_out, quantity_cut, or the reason for a missing quote
  std::optional<stoa::cart_item_id> cart_item_id;
  std::string detail;  ///< human-readable
  static constexpr json::rule rules[] = {
      {.field = "code",
       .description = "`not_sold`, `sold_out`, `total_too_large` and `invalid_quote` (prices of "
                      "several currencies) prevent the order of the cart as it is. "
                      "`quantity_cut`, only in the response to a merge: the line has the maximum "
                      "quantity of a line, which is less than both carts had."}};
};
BOOST_DESCRIBE_STRUCT(cart_notice, (), (code, cart_item_id, detail))

/// The current prices of a cart's products, in no order. Prices in `known` are reused.
kernel::task<catalog::price_list> prices_of(kernel::service_calls& calls,
                                            const cart::cart_content& content,
                                            catalog::price_list known = {});
/// The price of one product; null when it is not sold (any more).
const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id);
/// Why the line cannot be ordered; `now` is null when the product is not sold.
std::optional<cart_notice> notice_of(const cart::cart_item_content& item,
                                     const catalog::price_item* now);
/// The line at the current price, or at the price when it was added if the product is not sold.
pricing::priced_line priced(const cart::cart_item_content& item, const catalog::price_item* now);
/// Why the quote cannot contain the line, with the line's name.
std::optional<cart_notice> price_notice_of(const cart::cart_item_content& item,
                                           const catalog::price_item* now,
                                           const std::string& currency);
/// The quote of all lines, including unavailable ones. Errors as pricing::quote_of(); `errors` has
/// every line that is the cause, as "/items/<cart_item_id>".
result<pricing::quote> quote_of(const cart::cart_content& content,
                                const catalog::price_list& prices, const std::string& currency);

}  // namespace stoa::checkout
