#pragma once
// The current quote of a cart, and what prevents its order: one rule for the displayed cart, for a
// quote and for the checkout.

#include "actors/cart/cart_messages.hpp"
#include "actors/catalog/catalog_messages.hpp"
#include "actors/checkout/tax_address.hpp"
#include "actors/kernel/service_calls.hpp"
#include "actors/pricing/price_basket.hpp"
#include "storage/base/tax_record.hpp"

namespace stoa::checkout {

/// Why a cart cannot be ordered as it is, with the checkout's error codes; or what its customer
/// should know about it.
struct cart_notice {
  static constexpr std::string_view schema_name = "cart_notice";
  std::string code;
  std::optional<stoa::cart_item_id> cart_item_id = std::nullopt;
  std::string detail;  ///< human-readable
  std::optional<std::string> promotion_code = std::nullopt;
  std::optional<std::string> reason = std::nullopt;  ///< of code_not_applied
  std::optional<std::int64_t> limit = std::nullopt;  ///< of quantity_...
  static constexpr json::rule rules[] = {
      {.field = "code",
       .description = "`not_sold`, `not_priced` (in the cart's currency), `sold_out`, "
                      "`total_too_large` and `invalid_quote` (prices of "
                      "several currencies) prevent the order of the cart as it is, and so do "
                      "`quantity_below_min`, `quantity_above_max` and `quantity_not_step`: the "
                      "product is not sold in this quantity, and `limit` says in which. "
                      "`price_changed`: as many units as when a line was added cost more or less. "
                      "`code_not_applied`: a code of the cart reduces nothing; `reason` says why. "
                      "`quantity_cut`, only in the response to a merge: the line has the maximum "
                      "quantity of a line, which is less than both carts had."},
      {.field = "promotion_code", .description = "With `code_not_applied`: the code."},
      {.field = "limit",
       .description = "With `quantity_below_min`, `quantity_above_max` and `quantity_not_step`: "
                      "the product's quantity_min, quantity_max or quantity_step."},
      {.field = "reason",
       .description = "With `code_not_applied`: the code is unknown or used up, its promotion has "
                      "not started, has ended, is not active or has no amounts in the cart's "
                      "currency, the cart does not meet its "
                      "conditions, it is not combined with a promotion that is applied, or there "
                      "is nothing that it reduces.",
       .one_of = pricing::code_reasons}};
};
BOOST_DESCRIBE_STRUCT(cart_notice, (), (code, cart_item_id, detail, promotion_code, reason, limit))

/// Who asks for a quote, as far as it is known.
struct quote_customer {
  std::optional<stoa::user_id> user_id;
  std::optional<std::string> email;                       ///< of an order without an account
  std::optional<pricing::destination> to = std::nullopt;  ///< the shipping address
  std::optional<stoa::shipping_method_id> shipping_method_id = std::nullopt;
  /// The same address, if an external provider is to be asked for the taxes.
  std::optional<tax_address> tax_to = std::nullopt;
  bool is_checkout = false;
};

/// What the customer wants to pay with besides the payment method.
struct credit_wish {
  std::vector<std::string> gift_card_keys;  ///< keyed hashes of their codes
  bool use_store_credit = false;            ///< of the account
  bool any() const { return use_store_credit || !gift_card_keys.empty(); }
};

/// The credits that pay a part of the total, or all of it. Errors: those of pricing::credits_for().
kernel::task<result<std::vector<redeemed_credit>>> credits_of(kernel::service_calls& calls,
                                                              money total, credit_wish wish);

pricing::destination destination_of(const address& a);

/// What a quote depends on besides the lines of the cart.
struct cart_context {
  pricing::rule_book_ptr rules;  ///< not null
  catalog::price_list prices;
  std::vector<catalog::product_fact> facts;  ///< if the rules need them
  /// Of the customer; its lines are empty.
  pricing::basket basket;
  std::vector<stoa::product_id> unpriced = {};  ///< without a price in the basket's currency
  std::optional<stoa::user_id> user_id = std::nullopt;  ///< who asks
  /// What lines cost now for the units and the buyer of their price_when_added. Lines without an
  /// entry: their price.
  std::vector<std::pair<stoa::cart_item_id, money>> prices_as_added = {};
  std::optional<tax_address> tax_to = std::nullopt;  ///< as of the customer
  bool is_checkout = false;
  std::optional<tax_record> tax = std::nullopt;  ///< if an external provider was asked
};

/// Finds out what the quote of the cart depends on. Prices in `known` are reused. What the rules do
/// not need is not asked for.
kernel::task<cart_context> context_of(kernel::service_calls& calls,
                                      const cart::cart_content& content,
                                      pricing::rule_book_ptr rules, quote_customer customer,
                                      std::string currency, catalog::price_list known = {});

/// The price of one product; null when it is not sold (any more).
const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id);
/// Why the cart's line cannot be ordered. The stock and the maximum apply to all lines of the
/// product.
std::optional<cart_notice> obstacle_to(const cart::cart_content& cart,
                                       const cart::cart_item_content& item,
                                       const cart_context& context);
/// The same; `now` is null when the product is not sold.
std::optional<cart_notice> notice_of(const cart::cart_content& cart,
                                     const cart::cart_item_content& item,
                                     const catalog::price_item* now);
/// The units of the product in all lines of the cart.
std::int64_t units_of(const cart::cart_content& cart, stoa::product_id product);
/// The line at the current price, or at the price when it was added if the product is not sold.
pricing::priced_line priced(const cart::cart_item_content& item, const catalog::price_item* now);
/// Why the quote cannot contain the line, with the line's name.
std::optional<cart_notice> price_notice_of(const cart::cart_item_content& item,
                                           const catalog::price_item* now,
                                           const std::string& currency);
/// A notice for each code of the cart that reduces nothing.
std::vector<cart_notice> notices_of(const std::vector<pricing::unused_code>& codes);
/// The shipping methods for the cart, with their prices; none if the store has no shipping zones or
/// the address belongs to none.
std::vector<pricing::shipping_offer> offers_of(const cart::cart_content& content,
                                               const cart_context& context);
/// The quote of all lines, including unavailable ones. Errors as pricing::quote_of(); `errors` has
/// every line that is the cause, as "/items/<cart_item_id>".
result<pricing::priced_basket> quote_of(const cart::cart_content& content,
                                        const cart_context& context);

}  // namespace stoa::checkout
