#pragma once
// The Cart service's hand-written queries.

#include "storage/cart/cart.hpp"
#include "storage/db/gathering.hpp"

namespace stoa::cart {

/// A cart with its items in the order of addition.
struct cart_parts {
  cart_row cart;
  std::vector<cart_item_row> items;
};

/// Adds the queries for a cart; the returned function builds the cart from their results.
std::function<std::optional<cart_parts>()> ask_cart(db::gathering& all, stoa::cart_id id);
std::optional<cart_parts> read_cart(db::connection& c, stoa::cart_id id);
/// The customer's carts, newest first.
std::vector<cart_parts> carts_of_user(db::connection& c, stoa::user_id id);
/// Expired carts of guests, and customers' carts last changed before `customers_before`; each kind
/// oldest first, at most `limit` together.
std::vector<stoa::cart_id> expired_carts(db::connection& c, timestamp now,
                                         timestamp customers_before, std::size_t limit);

}  // namespace stoa::cart
