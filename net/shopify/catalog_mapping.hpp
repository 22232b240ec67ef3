#pragma once
// Between Shopify's products and the catalogue's: what an import asks of the Catalog service, and
// what an export makes of its answer.

#include "actors/catalog/catalog_messages.hpp"
#include "net/shopify/doubled_skus.hpp"
#include "net/shopify/file_columns.hpp"
#include "net/shopify/import_product.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// What holds for all products of one import.
struct mapping_options {
  std::string currency;    ///< ISO 4217, of all prices
  bool set_stock = false;  ///< of products that are there already, too
  bool dry_run = false;
  file_columns columns = file_columns::all();
  /// Of the file; null: no SKU stands in it twice.
  std::shared_ptr<const doubled_skus> doubled{};
  /// Of an import over HTTP; its number is set for each product.
  std::optional<catalog::import_step> step{};
};

struct mapped_product {
  catalog::import_product command;
  std::vector<std::string> notes;  ///< what was left out, for people
  std::string refused;             ///< why the product cannot be imported; empty when it can
};

/// The command that makes the product as the file has it; what the file has no column for is
/// absent. `existing` is the product under that handle, if there is one, as staff see it: its
/// variants (by their option values) and images (by their URLs) keep their ids. New ids follow from
/// the handle alone, so that every store gets the same ones from the same file.
mapped_product to_catalog(const import_product& product, const mapping_options& options,
                          const catalog::product_view* existing = nullptr);

/// The id that a product with this handle gets. A product without a handle is exported under its
/// id.
product_id catalog_id_of(std::string_view handle);

/// The product as a file can have it. 422 not_exportable with the reason when a file cannot hold
/// it, such as a price in another currency.
result<import_product> from_catalog(const catalog::exported_product& exported,
                                    std::string_view currency);

}  // namespace stoa::shopify
