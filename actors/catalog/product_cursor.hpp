#pragma once
// The cursor of a product list: where it goes on, as opaque text.

#include "actors/catalog/catalog_messages.hpp"
#include "storage/catalog/catalog_store.hpp"

namespace stoa::catalog {

/// The cursor behind the product at `position`. It fits the same list only: the same filters and
/// sort.
std::string make_cursor(const list_products& list, product_sort sort,
                        const list_position& position);

/// Where the list goes on; nothing when the cursor is none of ours, or of another list.
std::optional<list_position> read_cursor(const list_products& list, product_sort sort,
                                         std::string_view cursor);

}  // namespace stoa::catalog
