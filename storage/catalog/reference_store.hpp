#pragma once
// Products by the names that the lines of a file use for them.

#include "storage/catalog/catalog.hpp"
#include "storage/db/gathering.hpp"

namespace stoa::catalog {

/// A product or a variant, with its names.
struct reference_row {
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;
  std::optional<std::string> handle;
  std::optional<std::string> parent_handle;
  std::vector<option_value> options;
  product_status status = product_status::Active;
  bool sellable = false;  ///< false: it has variants, or is a variant that is being removed
};
BOOST_DESCRIBE_STRUCT(reference_row, (),
                      (product_id, parent_product_id, handle, parent_handle, options, status,
                       sellable))

/// Each adds a query; the rows are there after all.run(). Deleted products have rows, too.
db::gathering::found<reference_row> ask_by_id(db::gathering& all, stoa::product_id id);
db::gathering::found<reference_row> ask_by_handle(db::gathering& all, const std::string& handle);
db::gathering::found<reference_row> ask_by_sku(db::gathering& all, const std::string& sku);
/// The variants of the product, in creation order.
db::gathering::found<reference_row> ask_variants(db::gathering& all, stoa::product_id parent);

}  // namespace stoa::catalog
