#pragma once
// Shared by the files of the Cart service.

#include "actors/cart/cart_events.hpp"
#include "actors/cart/cart_service.hpp"

namespace stoa::cart {

using item_list = std::vector<const cart_item_row*>;

item_list items_of(cart_service::decision& d, stoa::cart_id id);
const cart_item_row* line_of(const item_list& items, stoa::product_id product);

/// A guest's cart may be used by every client that has its id, a customer's by the customer only.
bool may_use(const kernel::call_context& context, const std::optional<stoa::user_id>& owner);
/// The cart, if the caller may change it and its version matches.
result<const cart_row*> usable(cart_service::decision& d, stoa::cart_id id,
                               std::optional<std::int64_t> if_match);
problem cart_full();
/// Adds a code to those of a cart; false if there are too many. A code that is there stays once.
bool add_to_codes(std::vector<std::string>& codes, const std::string& code);

/// Emits lines_reduced if units are held for the cart after a declined payment.
void emit_reduced(cart_service::decision& d, stoa::cart_id id, std::vector<kept_line> kept);
void erase_lines(cart_service::decision& d, stoa::cart_id id);
void erase_cart(cart_service::decision& d, stoa::cart_id id);

}  // namespace stoa::cart
