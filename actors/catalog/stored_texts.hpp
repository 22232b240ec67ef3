#pragma once
// Names, handles, options and SKUs as they are stored: without white space at their ends, as an
// import reads them.

#include "actors/catalog/catalog_messages.hpp"

namespace stoa::catalog {

std::string stored_name(std::string_view name);
/// Invisible characters at the ends are removed, too.
std::string stored_sku(std::string_view sku);

new_product as_stored(new_product product);
product_change as_stored(product_change change);

}  // namespace stoa::catalog
