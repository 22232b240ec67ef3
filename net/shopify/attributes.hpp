#pragma once
// What the catalogue has no column for: kept in a product's and a variant's `attributes`, a JSON
// object, so that an export can write it back.
//
// A product's: vendor, type (where it is not the category's path), tags, published (where it is not
// the status), columns (those that Stoa does not use), and `variant` for a product that is sold
// itself. A variant's: sku (where another product has it), weight_grams, weight_unit,
// requires_shipping, taxable, barcode, image_url, tax_code, fulfillment_service,
// inventory_tracker (where it is not the usual one), columns. What has its default is left out.
// Members of other names are other people's: an import leaves them.

#include "net/shopify/file_columns.hpp"
#include "net/shopify/import_product.hpp"
#include "storage/base/json_value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// The tracker of a product whose units are counted, where no other one is named.
inline constexpr const char* usual_tracker = "shopify";

/// The levels of the product's category: those of its type, else its first tag; at most 16.
std::vector<std::string> category_of(const import_product& product);

/// Whether the product is to be seen in the store, by its columns "Published" and "Status".
bool is_visible(const import_product& product);

/// A merge patch (RFC 7396) that brings the attributes to what the file says: what has its default
/// is removed, what the file has no column for is not in it. `present` are the attributes that are
/// there now, as far as known. Columns that Stoa does not use are left out where the text would be
/// longer than `bytes_max`; `too_long` tells.
///
/// The product's values are those that it will have (values that the file does not give are the
/// stored ones); `with_type`: its category follows from them; `own_variant`: the first variant's
/// values are the product's own.
struct product_patch_options {
  bool with_type = true;
  bool own_variant = false;
  bool removes_own_variant = false;
};
std::string product_patch(const import_product& product, const file_columns& columns,
                          std::optional<std::string_view> present,
                          const product_patch_options& options, std::size_t bytes_max,
                          bool& too_long);
std::string variant_patch(const import_variant& v, const file_columns& columns,
                          std::optional<std::string_view> present, std::size_t bytes_max,
                          bool& too_long);

/// Fills what the attributes hold; values of a type that was not expected are passed over, for
/// staff may write anything there.
void read_product_attributes(std::string_view text, const std::vector<std::string>& category,
                             bool visible, import_product& product);
void read_variant_attributes(std::string_view text, import_variant& v);
/// The `variant` of a product that is sold itself.
void read_own_variant_attributes(std::string_view text, import_variant& v);

}  // namespace stoa::shopify
