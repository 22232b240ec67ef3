#pragma once
// What the catalogue has no column for: kept in a product's and a variant's `attributes`, a JSON
// object, so that an export can write it back.
//
// A product's: vendor, type (where it is not the category's path), tags, published (where it is not
// the status), columns (those that Stoa does not use), and `variant` for a product that is sold
// itself. A variant's: sku, weight_grams, weight_unit, inventory_policy, requires_shipping,
// taxable, barcode, image_url, tax_code, fulfillment_service, inventory_tracker, columns. What has
// its default is left out. Members of other names are other people's: an import leaves them.

#include "net/shopify/import_product.hpp"
#include "storage/base/json_value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// The levels of the product's category: those of its type, else its first tag; at most 16.
std::vector<std::string> category_of(const import_product& product);
/// {"Home", "Kitchen"} -> "Home > Kitchen".
std::string type_of(const std::vector<std::string>& category);

/// Whether the product is to be seen in the store, by its columns "Published" and "Status".
bool is_visible(const import_product& product);

/// The attributes as JSON text. Foreign members of `present`, the attributes that are there now,
/// are kept. Columns that Stoa does not use are left out where the text would be longer than
/// `bytes_max`; `too_long` tells.
std::string product_attributes(const import_product& product, std::string_view present,
                               std::size_t bytes_max, bool& too_long);
std::string variant_attributes(const import_variant& v, std::string_view present,
                               std::size_t bytes_max, bool& too_long);

/// Fills what the attributes hold; values of a type that was not expected are passed over, for
/// staff may write anything there.
void read_product_attributes(std::string_view text, const std::vector<std::string>& category,
                             bool visible, import_product& product);
void read_variant_attributes(std::string_view text, import_variant& v);
/// The `variant` of a product that is sold itself.
void read_own_variant_attributes(std::string_view text, import_variant& v);

}  // namespace stoa::shopify
