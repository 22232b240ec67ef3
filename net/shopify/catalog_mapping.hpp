#pragma once
// Between Shopify's products and the catalogue's: what an import asks of the Catalog service, and
// what an export makes of its answer.

#include "actors/catalog/catalog_messages.hpp"
#include "net/shopify/import_product.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

struct mapped_product {
  catalog::import_product command;
  std::vector<std::string> notes;  ///< what was left out, for people
};

/// The command that makes the product as the file has it. `existing` is the product under that
/// handle, if there is one, as staff see it: its variants (by their option values) and images (by
/// their URLs) keep their ids. New ids follow from the handle alone, so that every store gets the
/// same ones from the same file.
mapped_product to_catalog(const import_product& product, const std::string& currency,
                          bool set_stock, const catalog::product_view* existing = nullptr);

/// The id that a product with this handle gets. A product without a handle is exported under its
/// id.
product_id catalog_id_of(std::string_view handle);

/// The product as a file can have it. 422 not_exportable with the reason when a file cannot hold
/// it, such as more than three options or a price in another currency.
result<import_product> from_catalog(const catalog::exported_product& exported,
                                    std::string_view currency);

}  // namespace stoa::shopify
