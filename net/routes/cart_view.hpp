#pragma once
// The cart in the API: the stored lines with current names, prices and stock from the catalogue.

#include "actors/checkout/cart_quote.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

struct cart_item_view {
  static constexpr std::string_view schema_name = "cart_item";
  stoa::cart_item_id cart_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money price;                       ///< current
  nullable<money> line_total;        ///< null above the maximum total of an order
  bool available = false;            ///< on sale, and the quantity is available
  std::int64_t inventory_count = 0;  ///< units available to this cart
  bool price_changed = false;        ///< since it was added
  money price_when_added;
  timestamp added_at;
  std::optional<catalog::product_view> product;  ///< ?expand=items.product, while it is sold
  std::optional<std::string> note;
  stoa::line_properties properties;
  static constexpr json::rule rules[] = {note_rule, line_properties_rule};
};
BOOST_DESCRIBE_STRUCT(cart_item_view, (),
                      (cart_item_id, product_id, name, quantity, price, line_total, available,
                       inventory_count, price_changed, price_when_added, added_at, product, note,
                       properties))

struct cart_view {
  static constexpr std::string_view schema_name = "cart";
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;
  std::int64_t version = 0;
  std::vector<cart_item_view> items;
  std::string currency;
  // The quote of all lines (actors/pricing/quote.hpp); null when there is none, as a notice
  // explains.
  nullable<money> subtotal;
  nullable<money> adjustment_total;
  nullable<money> shipping_total;
  nullable<money> tax_total;
  nullable<money> total_amount;
  std::optional<money> included_tax_total;
  std::vector<price_part> price_parts;
  std::optional<chosen_shipping> shipping_method;  ///< of a quote
  std::vector<std::string> codes;                  ///< of promotions
  std::vector<checkout::cart_notice> notices;
  timestamp created_at;
  timestamp updated_at;
  std::optional<timestamp> expires_at;
  /// When the reservation of a declined checkout expires.
  std::optional<timestamp> reserved_until;
  stoa::metadata metadata;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {metadata_rule, note_rule};
};
BOOST_DESCRIBE_STRUCT(cart_view, (),
                      (cart_id, user_id, version, items, currency, subtotal, adjustment_total,
                       shipping_total, tax_total, total_amount, included_tax_total, price_parts,
                       shipping_method, codes, notices, created_at, updated_at, expires_at,
                       reserved_until, metadata, note))

/// The cart with the prices of a quote: it has no ETag, since it is not the cart as stored.
struct quote_view : cart_view {
  static constexpr std::string_view schema_name = "cart_detail";
  std::vector<redeemed_credit> credits;
  nullable<money> amount_due;
  std::optional<tax_record> tax;
  static constexpr json::rule rules[] = {
      metadata_rule,
      note_rule,
      {.field = "credits", .description = "What gift cards and store credit would pay."},
      {.field = "amount_due",
       .description = "What remains to be paid; null when there is no total."},
      {.field = "tax",
       .description = "How the taxes were determined; absent unless the store asks an external "
                      "provider."}};
};
BOOST_DESCRIBE_STRUCT(quote_view, (cart_view), (credits, amount_due, tax))

/// Joins stored lines and catalogue data.
cart_view join(const cart::cart_content& content, const checkout::cart_context& context);
/// The response with the cart at current prices. Its ETag is its version, a dot, and a hash of the
/// representation: it changes with the cart, the prices and the stock.
task<http::response> cart_answer(exchange& x, int status, cart::cart_content content,
                                 catalog::price_list known = {});
/// What the cart's prices depend on, for a customer of whom more is known.
task<checkout::cart_context> cart_context_of(exchange& x, const cart::cart_content& content,
                                             checkout::quote_customer customer,
                                             catalog::price_list known);
/// The cart with the prices of a quote for a customer of whom more is known.
task<quote_view> quote_of_cart(exchange& x, const cart::cart_content& content,
                               checkout::quote_customer customer, checkout::credit_wish wish);

/// The cart version required by If-Match and If-None-Match, to be compared by its command; nothing
/// without conditions. Only the version of an ETag is compared: a request changes the cart, not the
/// prices, and the stock changes with each order. 404 when the cart does not exist, 412 when none
/// of several versions matches.
task<std::optional<std::int64_t>> version_wanted(exchange& x, stoa::cart_id id);
/// The same for a cart whose version is compared elsewhere: If-Match and If-None-Match with
/// versions in place of the tags.
std::optional<kernel::precondition> cart_precondition(const exchange& x);

}  // namespace stoa::front
