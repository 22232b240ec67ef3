#pragma once
// The position at which a product list continues, as opaque text. The front binds it to one list
// and signs it (net/front/list_cursor.hpp).

#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/search_typos.hpp"

namespace stoa::catalog {

struct product_cursor {
  list_position position;
  /// The search corrections of the first page: later pages must not depend on the words that the
  /// products have by then.
  std::vector<correction> corrections;
};

std::string make_cursor(product_sort sort, const product_cursor& cursor);

/// The position of a cursor; empty if it is not a cursor of a list with this sort.
std::optional<product_cursor> read_cursor(product_sort sort, std::string_view cursor);

}  // namespace stoa::catalog
