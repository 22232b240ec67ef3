#pragma once
// What the catalogue has no column for: kept in a product's and a variant's `attributes`, a JSON
// object, so that an export can write it back.
//
// A product's: vendor, type (where it is not the category's path), tags, published (where it is not
// the status), draft_reason (set by the catalogue), columns (those that Stoa does not use), and
// `variant` for a product that is sold itself. A variant's: weight_grams, weight_unit,
// requires_shipping, taxable, barcode, image_url, tax_code, fulfillment_service,
// inventory_tracker (where it is not the usual one), columns. What has its default is left out.
//
// Staff may write anything there. Members of other names, and values that the columns of a file
// cannot hold, are in columns of their own (column::attributes), so that a file holds all of them.

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

/// The levels of the product's category: those of its type, or `else_first_tag`; at most 16.
std::vector<std::string> category_of(const import_product& product, bool else_first_tag);

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

/// Fills what the attributes hold; values that a cell cannot hold are passed over.
void read_product_attributes(std::string_view text, const std::vector<std::string>& category,
                             bool visible, import_product& product);
void read_variant_attributes(std::string_view text, import_variant& v);
/// The `variant` of a product that is sold itself.
void read_own_variant_attributes(std::string_view text, import_variant& v);

/// What of the attributes `text` is in no other column of a file with the product: a JSON object,
/// empty when there is nothing. Without `with_type` the type is passed over.
std::string other_attributes(std::string_view text, const import_product& product,
                             const product_patch_options& options);
std::string other_attributes(std::string_view text, const import_variant& v);
/// The merge patch, and with it one that replaces what other_attributes() has found in the store
/// with those of the file.
std::string with_other_attributes(const std::string& patch, const std::string& of_store,
                                  const std::string& of_file);

}  // namespace stoa::shopify
