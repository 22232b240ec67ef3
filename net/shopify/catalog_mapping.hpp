#pragma once
// Maps between Shopify's products and the catalogue: commands for an import, products for an
// export.

#include "actors/catalog/catalog_messages.hpp"
#include "net/shopify/duplicate_skus.hpp"
#include "net/shopify/file_columns.hpp"
#include "net/shopify/import_product.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// Options common to all products of an import.
struct mapping_options {
  std::string currency;    ///< ISO 4217; currency of all prices
  bool set_stock = false;  ///< also of existing products
  bool dry_run = false;
  file_columns columns = file_columns::all();
  /// SKUs that occur more than once in the file; null: none.
  std::shared_ptr<const duplicate_skus> doubled{};
  /// Set for an import over HTTP; its number is set per product.
  std::optional<catalog::import_step> step{};
};

struct mapped_product {
  catalog::import_product command;
  std::vector<std::string> notes;  ///< parts that were omitted, for display
  std::string refused;  ///< the reason why the product cannot be imported; empty if it can
};

/// The command that makes the product equal to the file; values without a column are absent.
/// `existing`: the stored product with that handle, if any, as seen by staff. Its variants (by
/// option values) and images (by URL) keep their ids. New ids are derived from the handle, so that
/// every store assigns the same ids.
mapped_product to_catalog(const import_product& product, const mapping_options& options,
                          const catalog::product_view* existing = nullptr);

/// The id of a product with this handle. A product without a handle is exported with its id as
/// handle.
product_id catalog_id_of(std::string_view handle);

/// The product in the form of a file. 422 not_exportable with the reason when a file cannot
/// represent it, for example because of a price in another currency.
result<import_product> from_catalog(const catalog::exported_product& exported,
                                    std::string_view currency);

}  // namespace stoa::shopify
