#pragma once
// The columns of Shopify's product CSV, with their old and new names.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// The columns that Stoa uses. All others are kept unchanged.
enum class column : std::uint8_t {
  handle,
  title,
  body,
  vendor,
  type,
  tags,
  published,
  option1_name,
  option1_value,
  option2_name,
  option2_value,
  option3_name,
  option3_value,
  sku,
  grams,
  inventory_tracker,
  inventory_qty,
  inventory_policy,
  fulfillment_service,
  price,
  compare_at_price,
  requires_shipping,
  taxable,
  barcode,
  image_src,
  image_position,
  image_alt,
  variant_image,
  weight_unit,
  tax_code,
  // Not part of Shopify's format.
  option4_name,
  option4_value,
  option5_name,
  option5_value,
  option6_name,
  option6_value,
  option7_name,
  option7_value,
  option8_name,
  option8_value,
  option9_name,
  option9_value,
  option10_name,
  option10_value,
  attributes,
  variant_attributes,
  metadata,
  variant_metadata,
  variant_name,
};
inline constexpr std::size_t column_count = static_cast<std::size_t>(column::variant_name) + 1;
/// The place of a column that the file does not have.
inline constexpr std::size_t no_field = static_cast<std::size_t>(-1);

inline constexpr std::size_t options_max = 10;  ///< per product, as in the API
/// The columns of an option, counted from 0.
column option_name_column(std::size_t option);
column option_value_column(std::size_t option);
/// Whether the column is part of Shopify's format.
constexpr bool is_shopifys(column which) {
  return which < column::option4_name;
}

/// The column for a header name, in any case: from the original export format ("Variant Grams") or
/// the one introduced in 2024/25 ("Weight value (grams)").
std::optional<column> find_column(std::string_view header);
/// The name in the original format, which Shopify still accepts and the export writes.
std::string_view name_of(column which);
/// Both names, for messages: "Handle" (or "URL handle").
std::string names_of(column which);

/// The meaning of an empty cell, for docs/import.md.
std::string_view empty_cell_means(column which);

/// A column without a field that Stoa nevertheless evaluates: only "active" shows the product.
inline constexpr std::string_view status_column = "Status";
inline constexpr std::string_view empty_status_means = "active";

/// The name under which an unused column is kept: the original one if there is one, so that "SEO
/// title" and "SEO Title" are the same column.
std::string canonical_extra(std::string_view header);
/// Whether such a column belongs to the row's variant, not to the product.
bool is_variant_extra(std::string_view header);

/// The header of Shopify's format, in its order.
const std::vector<std::string>& standard_header();

}  // namespace stoa::shopify
