#pragma once
// A product as Shopify's CSV describes it, free of the file's layout, and the ids that follow from
// it.

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

/// What happens when the stock is used up: "deny" stops the sale, "continue" goes on.
enum class inventory_policy { deny, keep_selling };
BOOST_DESCRIBE_ENUM(inventory_policy, deny, keep_selling)

/// Columns that Stoa does not use, by header name; kept so that an export can write them back.
using extra_columns = std::map<std::string, std::string>;

/// One thing that can be sold.
struct import_variant {
  std::vector<std::string> option_values;  ///< one for each of the product's option_names
  std::string sku;
  std::int64_t grams = 0;
  std::string weight_unit;         ///< for display: "", "g", "kg", "lb" or "oz"
  std::int64_t inventory_qty = 0;  ///< units on hand; negative: units that are owed
  shopify::inventory_policy inventory_policy = shopify::inventory_policy::deny;
  std::int64_t price =
      0;  ///< minor units of the store's currency; 0 when the file has no price column
  std::optional<std::int64_t> compare_at_price;  ///< the price before a reduction, minor units
  bool requires_shipping = true;
  bool taxable = true;
  std::string barcode;
  std::string image_src;  ///< http(s) URL or empty
  std::string tax_code;
  std::string fulfillment_service;
  std::string inventory_tracker;
  extra_columns extra;  ///< columns of the variant that Stoa does not use, such as "Cost per item"
  std::string attributes;  ///< as those of the product
  stoa::metadata metadata;
  std::string name;      ///< of its own; empty: the product's title with the option values
  std::size_t line = 0;  ///< where the variant's row begins in the file; 0 when it is from no file

  bool operator==(const import_variant&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_variant, (),
                      (option_values, sku, grams, weight_unit, inventory_qty, inventory_policy,
                       price, compare_at_price, requires_shipping, taxable, barcode, image_src,
                       tax_code, fulfillment_service, inventory_tracker, extra, attributes,
                       metadata, name, line))

struct import_image {
  std::string src;            ///< http(s) URL
  std::int64_t position = 0;  ///< from 1
  std::string alt;

  bool operator==(const import_image&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_image, (), (src, position, alt))

/// A product with at least one variant. Without options it has exactly one, with no option values
/// (Shopify writes that as the option "Title" with the value "Default Title").
struct import_product {
  std::string handle;  ///< the product's name in URLs, unique in a store
  std::string title;
  std::string body_html;
  std::string vendor;
  std::string type;               ///< free text; " > " separates levels: "Home > Kitchen"
  std::vector<std::string> tags;  ///< in order, without doubles
  bool published = true;
  std::vector<std::string> option_names;  ///< at most options_max
  std::vector<import_variant> variants;
  std::vector<import_image> images;
  extra_columns extra;     ///< columns of the product that Stoa does not use
  std::string attributes;  ///< those that no other column holds, as a JSON object; empty: none
  stoa::metadata metadata;
  std::size_t line = 0;  ///< where the product's first row begins in the file
  bool partial = false;  ///< rows of it, or some that may be its, could not be read

  bool operator==(const import_product&) const = default;
};
BOOST_DESCRIBE_STRUCT(import_product, (),
                      (handle, title, body_html, vendor, type, tags, published, option_names,
                       variants, images, extra, attributes, metadata, line, partial))

/// Ids that depend on nothing but the arguments (UUIDv8, RFC 9562 section 5.8, from a keyed BLAKE2b
/// hash), so that importing a file twice finds what the first time made.
product_id id_for(std::string_view handle);
/// The id of a variant, by its option values, which are unique within a product.
product_id id_for(std::string_view handle, const std::vector<std::string>& option_values);
/// The id of a product's image, by its URL; `occurrence` counts from 0 when one URL stands twice.
image_id image_id_for(std::string_view handle, std::string_view src, std::size_t occurrence = 0);
/// The id of a category, by the names from the root down.
category_id category_id_for(const std::vector<std::string>& path);

/// "Home > Kitchen" -> {"Home", "Kitchen"}: trimmed, empty levels left out. "\>" and "\\" stand for
/// the characters themselves.
std::vector<std::string> category_path(std::string_view type);
/// The reverse, with these characters escaped.
std::string type_of(const std::vector<std::string>& category);

}  // namespace stoa::shopify
