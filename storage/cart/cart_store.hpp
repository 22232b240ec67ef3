#pragma once
// The Cart service's hand-written queries.

#include "storage/cart/cart.hpp"

namespace stoa::cart {

/// A cart with its items in the order in which they were added.
struct cart_parts {
  cart_row cart;
  std::vector<cart_item_row> items;
};

std::optional<cart_parts> read_cart(db::connection& c, stoa::cart_id id);
/// The customer's carts, newest first.
std::vector<cart_parts> carts_of_user(db::connection& c, stoa::user_id id, std::size_t limit);
/// Guests' carts whose time has passed, oldest first.
std::vector<stoa::cart_id> expired_carts(db::connection& c, timestamp now, std::size_t limit);

}  // namespace stoa::cart
