#pragma once
// The stored form of names, handles, options and SKUs: without leading and trailing white space, as
// in imports.

#include "actors/catalog/catalog_messages.hpp"

namespace stoa::catalog {

std::string stored_name(std::string_view name);
/// Also removes leading and trailing invisible characters.
std::string stored_sku(std::string_view sku);

new_product as_stored(new_product product);
product_change as_stored(product_change change);

}  // namespace stoa::catalog
