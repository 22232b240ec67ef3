#pragma once
// The position at which a product list continues, as opaque text. It is the front that ties it to
// one list and signs it (net/front/list_cursor.hpp).

#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/search_typos.hpp"

namespace stoa::catalog {

struct product_cursor {
  list_position position;
  /// Of the search, as the first page has made them: later ones must not depend on which words the
  /// store's products have by then.
  std::vector<correction> corrections;
};

std::string make_cursor(product_sort sort, const product_cursor& cursor);

/// Where the list continues; nothing when that is no cursor of a list with this sort.
std::optional<product_cursor> read_cursor(product_sort sort, std::string_view cursor);

}  // namespace stoa::catalog
