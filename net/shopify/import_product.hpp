#pragma once
// A product as described by Shopify's CSV, independent of the file's layout, and its derived ids.

#include "storage/base/metadata.hpp"
#include "storage/base/uuid.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// Policy for sold-out products: "deny" stops sales, "continue" allows them.
enum class inventory_policy { deny, keep_selling };
BOOST_DESCRIBE_ENUM(inventory_policy, deny, keep_selling)

/// Unused columns, by header name; kept for exports.
using extra_columns = std::map<std::string, std::string>;

/// A purchasable item.
struct import_variant {
  std::vector<std::string> option_values;  ///< one per option name of the product
  std::string sku;
  std::int64_t grams = 0;
  std::string weight_unit;         ///< for display: "", "g", "kg", "lb" or "oz"
  std::int64_t inventory_qty = 0;  ///< units on hand; negative: units owed
  shopify::inventory_policy inventory_policy = shopify::inventory_policy::deny;
  std::int64_t price =
      0;  ///< minor units of the store's currency; 0 when the file has no price column
  std::optional<std::int64_t> compare_at_price;  ///< the price before a discount, minor units
  bool requires_shipping = true;
  bool taxable = true;
  std::string barcode;
  std::string image_src;  ///< http(s) URL or empty
  std::string tax_code;
  std::string fulfillment_service;
  std::string inventory_tracker;
  extra_columns extra;     ///< unused columns of the variant, such as "Cost per item"
  std::string attributes;  ///< like those of the product
  stoa::metadata metadata;
  std::string name;      ///< empty: the product's title with the option values
  std::size_t line = 0;  ///< line of the variant's row in the file; 0: not from a file

  bool operator==(const import_variant&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_variant, (),
                      (option_values, sku, grams, weight_unit, inventory_qty, inventory_policy,
                       price, compare_at_price, requires_shipping, taxable, barcode, image_src,
                       tax_code, fulfillment_service, inventory_tracker, extra, attributes,
                       metadata, name, line))

struct import_image {
  std::string src;            ///< http(s) URL
  std::int64_t position = 0;  ///< starting at 1
  std::string alt;

  bool operator==(const import_image&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_image, (), (src, position, alt))

/// A product with at least one variant. Without options it has exactly one variant, without option
/// values (Shopify's option "Title" with the value "Default Title").
struct import_product {
  std::string handle;  ///< the product's name in URLs; unique in a store
  std::string title;
  std::string body_html;
  std::string vendor;
  std::string type;               ///< free text; " > " separates levels: "Home > Kitchen"
  std::vector<std::string> tags;  ///< in order, without duplicates
  bool published = true;
  std::vector<std::string> option_names;  ///< at most options_max
  std::vector<import_variant> variants;
  std::vector<import_image> images;
  extra_columns extra;     ///< unused columns of the product
  std::string attributes;  ///< those without a column, as a JSON object; empty: none
  stoa::metadata metadata;
  std::size_t line = 0;  ///< line of the product's first row in the file
  bool partial = false;  ///< rows of the product, or possibly of it, are invalid

  bool operator==(const import_product&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_product, (),
                      (handle, title, body_html, vendor, type, tags, published, option_names,
                       variants, images, extra, attributes, metadata, line, partial))

/// Ids derived from the arguments only (UUIDv8, RFC 9562 section 5.8, from a keyed BLAKE2b hash),
/// so that importing a file again finds the existing products.
product_id id_for(std::string_view handle);
/// The id of a variant, from its option values, which are unique within a product.
product_id id_for(std::string_view handle, const std::vector<std::string>& option_values);
/// The id of a product's image, from its URL; `occurrence` counts repetitions of a URL from 0.
image_id image_id_for(std::string_view handle, std::string_view src, std::size_t occurrence = 0);
/// The id of a category, from the names of its path.
category_id category_id_for(const std::vector<std::string>& path);

/// "Home > Kitchen" -> {"Home", "Kitchen"}: trimmed, without empty levels. "\>" and "\\" are
/// escapes.
std::vector<std::string> category_path(std::string_view type);
/// The reverse, with escapes.
std::string type_of(const std::vector<std::string>& category);

}  // namespace stoa::shopify
