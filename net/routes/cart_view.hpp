#pragma once
// A cart as the API shows it: the stored lines with the catalogue's names, prices and stock of now.

#include "actors/cart/cart_messages.hpp"
#include "actors/catalog/catalog_messages.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

struct cart_item_view {
  static constexpr std::string_view schema_name = "cart_item";
  stoa::cart_item_id cart_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money price;  ///< of now
  money line_total;
  bool available = false;            ///< it is sold, and there is enough of it now
  std::int64_t inventory_count = 0;  ///< what could be bought now
  bool price_changed = false;        ///< since it was added
  money price_when_added;
  timestamp added_at;
};
BOOST_DESCRIBE_STRUCT(cart_item_view, (),
                      (cart_item_id, product_id, name, quantity, price, line_total, available,
                       inventory_count, price_changed, price_when_added, added_at))

struct cart_view {
  static constexpr std::string_view schema_name = "cart";
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;
  std::int64_t version = 0;
  std::vector<cart_item_view> items;
  money subtotal;  ///< of all lines
  timestamp created_at;
  timestamp updated_at;
  std::optional<timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(cart_view, (),
                      (cart_id, user_id, version, items, subtotal, created_at, updated_at,
                       expires_at))

/// Today's prices of a cart's products, in no order. Those that are `known` are not asked for
/// again.
task<catalog::price_list> prices_of(exchange& x, const cart::cart_content& content,
                                    catalog::price_list known = {});
/// The price of one product; null when it is not sold (any more).
const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id);
/// Joins the two.
cart_view join(const cart::cart_content& content, const catalog::price_list& prices,
               const std::string& currency);
/// The cart with today's prices as an answer, its version as ETag.
task<http::response> cart_answer(exchange& x, int status, cart::cart_content content,
                                 catalog::price_list known = {});

}  // namespace stoa::front
