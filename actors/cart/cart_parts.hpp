#pragma once
// Shared by the files of the Cart service.

#include "actors/cart/cart_events.hpp"
#include "actors/cart/cart_service.hpp"

namespace stoa::cart {

using item_list = std::vector<const cart_item_row*>;

/// Makes room for another cart of the customer.
void replace_oldest(cart_service::decision& d, stoa::user_id user, bool for_purchase);
item_list items_of(cart_service::decision& d, stoa::cart_id id);
/// The line of the product with these properties.
const cart_item_row* line_of(const item_list& items, stoa::product_id product,
                             const line_properties& properties);
/// The units of the product in all lines.
std::int64_t units_of(const item_list& items, stoa::product_id product);

/// A guest's cart may be used by every client that has its id, a customer's by the customer only.
bool may_use(const kernel::call_context& context, const std::optional<stoa::user_id>& owner);
/// The cart, if the caller may change it and its version matches.
result<const cart_row*> usable(cart_service::decision& d, stoa::cart_id id,
                               std::optional<std::int64_t> if_match);
problem cart_full();
/// Why the lines cannot have their notes and properties: they are too long together.
std::optional<problem> check_texts(const item_list& items);
/// Adds a code to those of a cart; false if there are too many. A code that is there stays once.
bool add_to_codes(std::vector<std::string>& codes, const std::string& code);

/// The order of the products' units in the cart now, for lines_reduced.
std::vector<kept_line> kept_units(cart_service::decision& d, stoa::cart_id id,
                                  const std::vector<stoa::product_id>& products);
/// Emits lines_reduced if units are held for the cart after a declined payment.
void emit_reduced(cart_service::decision& d, stoa::cart_id id, std::vector<kept_line> kept);
void erase_lines(cart_service::decision& d, stoa::cart_id id);
void erase_cart(cart_service::decision& d, stoa::cart_id id);

}  // namespace stoa::cart
