#pragma once
// The answers of the Catalog service.

#include "actors/kernel/message.hpp"
#include "storage/base/json_traits.hpp"
#include "storage/catalog/catalog.hpp"

namespace stoa::catalog {

struct category_ref {
  stoa::category_id category_id;
  std::string name;
  std::optional<std::string> handle = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(category_ref, (), (category_id, name, handle))

struct thumbnail_view {
  static constexpr std::string_view schema_name = "product_thumbnail";
  std::int64_t width = 0;  ///< pixels
  std::string url;
};
BOOST_DESCRIBE_STRUCT(thumbnail_view, (), (width, url))

/// The members from content_type on are those of an uploaded image.
struct image_view {
  static constexpr std::string_view schema_name = "product_image";
  stoa::image_id image_id;
  stoa::product_id product_id;
  std::string image_url;
  std::string alt_text;
  std::int64_t position = 0;
  timestamp created_at;
  std::optional<std::string> content_type = std::nullopt;
  std::optional<std::int64_t> bytes = std::nullopt;
  std::optional<std::int64_t> width = std::nullopt;
  std::optional<std::int64_t> height = std::nullopt;
  std::optional<std::vector<thumbnail_view>> thumbnails = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(image_view, (),
                      (image_id, product_id, image_url, alt_text, position, created_at,
                       content_type, bytes, width, height, thumbnails))

/// The members from on_hand on are for staff.
struct variant_view {
  static constexpr std::string_view schema_name = "product_variant";
  stoa::product_id product_id;
  std::optional<std::string> sku;
  std::string name;
  std::vector<option_value> options;
  money price;
  std::optional<money> compare_at_price;
  std::int64_t inventory_count = 0;  ///< units that can be bought now
  std::optional<std::int64_t> on_hand;
  std::optional<std::int64_t> reserved;
  std::optional<product_status> status;
  std::optional<json::raw> attributes;
  bool available = false;       ///< it can be bought now
  bool track_inventory = true;  ///< false: units are not counted, it never sells out
  bool allow_backorder = false;
  static constexpr std::string_view defaults[] = {"available", "track_inventory",
                                                  "allow_backorder"};
  std::optional<stoa::metadata> metadata;
  /// True for a variant that an import has removed while orders hold units of it: it is no longer
  /// sold, and is deleted with the last of these reservations.
  std::optional<bool> being_removed;
  // Its own, or those of its product if it has none.
  std::optional<std::int64_t> quantity_min;
  std::optional<std::int64_t> quantity_max;
  std::optional<std::int64_t> quantity_step;
  std::optional<std::int64_t> low_stock_threshold;  ///< absent: the store's
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(variant_view, (),
                      (product_id, sku, name, options, price, compare_at_price, inventory_count,
                       on_hand, reserved, status, attributes, available, track_inventory,
                       allow_backorder, metadata, being_removed, quantity_min, quantity_max,
                       quantity_step, low_stock_threshold))

/// The parts of a product that match a search, as HTML with the matching words in <em>.
struct product_highlights {
  static constexpr std::string_view schema_name = "product_highlights";
  std::optional<std::string> name;
  std::optional<std::string> description;  ///< the part around the first match
};
BOOST_DESCRIBE_STRUCT(product_highlights, (), (name, description))

/// A product in the API. One with variants has their lowest price and the sum of their stock. The
/// members from on_hand on are for staff.
struct product_view {
  static constexpr std::string_view schema_name = "product";
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;  ///< of a variant
  std::optional<std::string> sku;
  std::optional<std::string> handle;
  std::string name;
  std::string description;
  money price;
  std::optional<money> compare_at_price;
  nullable<stoa::category_id> category_id;
  std::optional<category_ref> category;
  std::vector<option_value> options;
  std::int64_t inventory_count = 0;  ///< units that can be bought now
  std::vector<image_view> images;
  std::vector<variant_view> variants;
  timestamp created_at;
  timestamp updated_at;
  std::optional<std::int64_t> on_hand;
  std::optional<std::int64_t> reserved;
  std::optional<product_status> status;
  std::optional<json::raw> attributes;
  bool available = false;               ///< it, or one of its variants, can be bought now
  std::optional<bool> track_inventory;  ///< of a product without variants
  std::optional<bool> allow_backorder;
  static constexpr std::string_view defaults[] = {"available"};
  std::optional<stoa::metadata> metadata;
  std::optional<std::string> vendor;
  std::optional<std::vector<std::string>> tags;
  std::optional<timestamp> publish_at;  ///< for staff, like archive_at
  std::optional<timestamp> archive_at;
  std::optional<std::string> product_type;
  std::optional<std::vector<specification>> specifications;  ///< the attributes of its type
  std::optional<product_highlights> highlights;              ///< in a search, if requested
  std::optional<std::int64_t> quantity_min;
  std::optional<std::int64_t> quantity_max;
  std::optional<std::int64_t> quantity_step;
  std::optional<std::int64_t> low_stock_threshold;  ///< absent: the store's
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(product_view, (),
                      (product_id, parent_product_id, sku, handle, name, description, price,
                       compare_at_price, category_id, category, options, inventory_count, images,
                       variants, created_at, updated_at, on_hand, reserved, status, attributes,
                       available, track_inventory, allow_backorder, metadata, vendor, tags,
                       publish_at, archive_at, product_type, specifications, highlights,
                       quantity_min, quantity_max, quantity_step, low_stock_threshold))

/// A value of a facet, and how many of the products have it that pass the other filters.
struct facet_value {
  static constexpr std::string_view schema_name = "facet_value";
  std::string value;  ///< for the filter; of a price band its least price
  std::string label;
  std::int64_t count = 0;
  std::optional<std::int64_t> min_price;  ///< of a price band, in minor units
  std::optional<std::int64_t> max_price;
};
BOOST_DESCRIBE_STRUCT(facet_value, (), (value, label, count, min_price, max_price))

struct facet_view {
  static constexpr std::string_view schema_name = "facet";
  std::string facet;  ///< for the filter: vendor, tag, option.size, category, price, availability
  std::string label;
  std::vector<facet_value> values;  ///< most frequent first; price bands in their order
  bool has_more = false;            ///< there are more values than facet_values_max
};
BOOST_DESCRIBE_STRUCT(facet_view, (), (facet, label, values, has_more))

struct product_page {
  static constexpr std::string_view schema_name = "product_list";
  std::vector<product_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;              ///< of all pages, if requested
  std::optional<std::vector<facet_view>> facets;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(product_page, (), (data, next_cursor, total, facets))

/// A category with all its subcategories.
struct category_view {
  static constexpr std::string_view schema_name = "category";
  stoa::category_id category_id;
  std::string name;
  std::optional<std::string> description;
  nullable<stoa::category_id> parent_category_id;
  std::vector<category_view> children;
  std::optional<std::string> handle = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(category_view, (),
                      (category_id, name, description, parent_category_id, children, handle))

struct category_list {
  static constexpr std::string_view schema_name = "category_list";
  std::vector<category_view> data;
};
BOOST_DESCRIBE_STRUCT(category_list, (), (data))

/// The current price of a product, for carts and the checkout.
struct price_item {
  stoa::product_id product_id;
  std::string name;
  money price;
  std::int64_t inventory_count = 0;
  bool sellable = false;  ///< published, not deleted, and without variants
  std::optional<std::string> sku;
  std::vector<option_value> options;
  bool unlimited = false;     ///< any quantity can be bought
  bool published = true;      ///< Active
  bool has_variants = false;  ///< only its variants can be bought
  std::optional<quantity_limits> limits = std::nullopt;

  static constexpr std::string_view defaults[] = {"unlimited", "published", "has_variants"};
  bool has(std::int64_t quantity) const { return unlimited || inventory_count >= quantity; }
};
BOOST_DESCRIBE_STRUCT(price_item, (),
                      (product_id, name, price, inventory_count, sellable, sku, options, unlimited,
                       published, has_variants, limits))

struct price_list {
  std::vector<price_item> data;  ///< without deleted and unknown products
};
BOOST_DESCRIBE_STRUCT(price_list, (), (data))

/// A product's parent and categories, for the rules of prices.
struct product_fact {
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;  ///< of a variant
  std::vector<stoa::category_id> categories;          ///< its own, and those that contain it
  std::optional<std::string> tax_class = std::nullopt;
  std::int64_t weight = 0;  ///< grams
};
BOOST_DESCRIBE_STRUCT(product_fact, (),
                      (product_id, parent_product_id, categories, tax_class, weight))

struct product_fact_list {
  std::vector<product_fact> data;
};
BOOST_DESCRIBE_STRUCT(product_fact_list, (), (data))

/// The units of a product at a location.
struct level_view {
  static constexpr std::string_view schema_name = "inventory_level";
  stoa::location_id location_id;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t inventory_count = 0;  ///< negative: units owed
};
BOOST_DESCRIBE_STRUCT(level_view, (), (location_id, on_hand, reserved, inventory_count))

struct stock_view {
  static constexpr std::string_view schema_name = "inventory";
  stoa::product_id product_id;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t inventory_count = 0;  ///< negative: units owed
  bool track_inventory = true;
  bool allow_backorder = false;
  static constexpr std::string_view defaults[] = {"track_inventory", "allow_backorder", "levels"};
  std::vector<level_view> levels;  ///< the default location, and those that have units
};
BOOST_DESCRIBE_STRUCT(stock_view, (),
                      (product_id, on_hand, reserved, inventory_count, track_inventory,
                       allow_backorder, levels))

struct ledger_view {
  static constexpr std::string_view schema_name = "stock_change";
  stoa::ledger_id ledger_id;
  std::int64_t on_hand_change = 0;
  std::int64_t reserved_change = 0;
  stock_cause cause = stock_cause::adjustment;
  std::optional<std::string> reference;  ///< the order's id
  std::optional<std::string> note;
  std::string actor;
  timestamp created_at;
  std::optional<stoa::location_id> location_id;  ///< absent: the default location
};
BOOST_DESCRIBE_STRUCT(ledger_view, (),
                      (ledger_id, on_hand_change, reserved_change, cause, reference, note, actor,
                       created_at, location_id))

struct ledger_page {
  static constexpr std::string_view schema_name = "stock_change_list";
  stock_view stock;
  std::vector<ledger_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(ledger_page, (), (stock, data, next_cursor, total))

enum class import_outcome { created, updated, unchanged };
BOOST_DESCRIBE_ENUM(import_outcome, created, updated, unchanged)

/// One value that an import changes.
struct import_change {
  std::optional<std::string> variant;  ///< its name; absent: a value of the product
  std::string field;
  std::string before;  ///< in display form, truncated; empty: none
  std::string after;
};
BOOST_DESCRIBE_STRUCT(import_change, (), (variant, field, before, after))

/// A SKU that was not set because another product has it (import_sku).
struct left_out_sku {
  stoa::product_id product_id;
  std::string sku;
  std::optional<stoa::product_id> held_by;
};
BOOST_DESCRIBE_STRUCT(left_out_sku, (), (product_id, sku, held_by))

struct import_answer {
  import_outcome outcome = import_outcome::unchanged;
  std::vector<std::string> notes;  ///< human-readable
  std::vector<left_out_sku> skus_left_out;
  std::vector<import_change> changes;  ///< of a dry run, truncated
  std::int64_t changes_not_listed = 0;

  static constexpr std::string_view defaults[] = {"skus_left_out", "changes", "changes_not_listed"};
};
BOOST_DESCRIBE_STRUCT(import_answer, (),
                      (outcome, notes, skus_left_out, changes, changes_not_listed))

/// A product in an export: the view for staff, and the names of its categories from the root.
struct exported_product {
  product_view product;
  std::vector<std::string> category_path;
};
BOOST_DESCRIBE_STRUCT(exported_product, (), (product, category_path))
struct export_page {
  std::vector<exported_product> data;
  std::optional<stoa::product_id> next;  ///< the next page's `after`; absent on the last page
};
BOOST_DESCRIBE_STRUCT(export_page, (), (data, next))

}  // namespace stoa::catalog
