#pragma once
// The position at which a product list continues, as opaque text. It is the front that ties it to
// one list and signs it (net/front/list_cursor.hpp).

#include "storage/catalog/catalog_store.hpp"

namespace stoa::catalog {

/// The cursor behind the product at `position`.
std::string make_cursor(const list_position& position);

/// Where the list continues; nothing when that is no cursor of a list with this sort.
std::optional<list_position> read_cursor(product_sort sort, std::string_view cursor);

}  // namespace stoa::catalog
