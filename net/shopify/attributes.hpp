#pragma once
// Product data that the catalogue has no field for. It is kept in the `attributes` of products and
// variants, a JSON object, and written back by an export.
//
// Of a product: vendor, type (unless it is the category's path), tags, published (unless it is the
// status), draft_reason (set by the catalogue), columns (unused by Stoa), and `variant` for a
// product without variants. Of a variant: weight_grams, weight_unit, requires_shipping, taxable,
// barcode, image_url, tax_code, fulfillment_service, inventory_tracker (unless it is the usual
// one), columns. Default values are omitted.
//
// Staff may write any other attributes. Members with other names, and values that the columns
// cannot represent, use separate columns (column::attributes), so that a file contains all of them.

#include "net/shopify/file_columns.hpp"
#include "net/shopify/import_product.hpp"
#include "storage/base/json_value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// The tracker of a product whose stock is tracked, unless another one is named.
inline constexpr const char* usual_tracker = "shopify";

/// The category path: the levels of the product's type, or its first tag if `else_first_tag` and
/// there is no type; at most 16.
std::vector<std::string> category_of(const import_product& product, bool else_first_tag);

/// Whether the product is visible in the store, by its columns "Published" and "Status".
bool is_visible(const import_product& product);
/// Whether its column "Status" says so.
bool is_archived(const import_product& product);

/// A merge patch (RFC 7396) that applies the file's values to the attributes: removes defaults and
/// omits what the file has no column for. `present`: the current attributes, if known. Unused
/// columns are omitted if the text would exceed `bytes_max`; `too_long` is set then.
///
/// The product has its final values (stored ones where the file has none). `with_type`: its
/// category is derived from them; `own_variant`: the first variant's values are the product's own.
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

/// Fills in the values of the attributes; skips values that do not fit into a cell.
void read_product_attributes(std::string_view text, const std::vector<std::string>& category,
                             bool visible, import_product& product);
void read_variant_attributes(std::string_view text, import_variant& v);
/// Reads the member `variant` of a product without variants.
void read_own_variant_attributes(std::string_view text, import_variant& v);

/// The part of the attributes `text` that no other column of the product's file contains: a JSON
/// object, or empty. Ignores the type unless `with_type` is set.
std::string other_attributes(std::string_view text, const import_product& product,
                             const product_patch_options& options);
std::string other_attributes(std::string_view text, const import_variant& v);
/// The merge patch, extended to replace the other_attributes() of the store with those of the file.
std::string with_other_attributes(const std::string& patch, const std::string& of_store,
                                  const std::string& of_file);

}  // namespace stoa::shopify
