#pragma once
// The Catalog service's records.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/metadata.hpp"
#include "storage/base/quantity_limits.hpp"
#include "storage/base/refund_line.hpp"
#include "storage/catalog/collection.hpp"
#include "storage/catalog/engine_queue.hpp"
#include "storage/catalog/export_job.hpp"
#include "storage/catalog/image_file.hpp"
#include "storage/catalog/import_job.hpp"
#include "storage/catalog/location.hpp"
#include "storage/catalog/product_type.hpp"
#include "storage/db/records.hpp"

namespace stoa::catalog {

/// Draft and Archived (no longer sold): visible only to staff. Deleted: hidden, kept because other
/// records refer to it.
enum class product_status { Draft, Active, Archived, Deleted };
BOOST_DESCRIBE_ENUM(product_status, Draft, Active, Archived, Deleted)

/// A property that distinguishes a variant: Size = M.
struct option_value {
  std::string name;
  std::string value;

  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "value", .length_min = 1, .length_max = 255, .form = json::format::line},
  };
  bool operator==(const option_value&) const = default;
};
BOOST_DESCRIBE_STRUCT(option_value, (), (name, value))

struct category_row {
  static constexpr const char* table = "categories";
  static constexpr std::size_t key_columns = 1;
  stoa::category_id category_id;
  std::int64_t tree = 0;  ///< the same in every row, to load the whole tree
  std::string name;
  std::optional<std::string> description;
  std::optional<stoa::category_id> parent_category_id;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::optional<std::string> handle = std::nullopt;  ///< the category's name in URLs

  bool operator==(const category_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(category_row, (),
                      (category_id, tree, name, description, parent_category_id, created_at,
                       updated_at, version, handle))

/// A database view: whether the category contains a product. Read-only.
struct category_use_row {
  static constexpr const char* table = "category_use";
  static constexpr std::size_t key_columns = 1;
  stoa::category_id category_id;
  bool has_products = false;
};
BOOST_DESCRIBE_STRUCT(category_use_row, (), (category_id, has_products))

/// A product, or a variant of its parent, without the stock.
struct product_row {
  static constexpr const char* table = "products";
  static constexpr std::size_t key_columns = 1;
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;
  product_status status = product_status::Active;
  std::optional<std::string> sku;
  std::optional<std::string> handle;  ///< the product's name in URLs
  std::string name;
  std::string sort_name;  ///< the name, case-folded
  money price;
  std::optional<money> compare_at_price;  ///< the price before a reduction
  std::optional<stoa::category_id> category_id;
  std::vector<option_value> options;  ///< a variant's
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::string description;
  std::string attributes;   ///< a JSON object: additional data from an import
  std::string keywords;     ///< searchable but not shown: vendor, tags
  std::string search_text;  ///< the description without markup
  stoa::metadata metadata = {};
  std::string vendor = {};  ///< computed from the attributes, like the tags
  std::vector<std::string> tags = {};
  std::optional<timestamp> publish_at = {};  ///< when it becomes Active
  std::optional<timestamp> archive_at = {};  ///< when it becomes Archived
  std::optional<std::string> product_type = {};
  std::vector<specification> specifications = {};  ///< computed from the attributes and the type
  // In which quantities it is sold. A variant without any of them has those of its product.
  std::optional<std::int64_t> quantity_min = std::nullopt;
  std::optional<std::int64_t> quantity_max = std::nullopt;
  std::optional<std::int64_t> quantity_step = std::nullopt;

  quantity_limits limits() const { return {quantity_min, quantity_max, quantity_step}; }
  bool operator==(const product_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(product_row, (),
                      (product_id, parent_product_id, status, sku, handle, name, sort_name, price,
                       compare_at_price, category_id, options, created_at, updated_at, version,
                       description, attributes, keywords, search_text, metadata, vendor, tags,
                       publish_at, archive_at, product_type, specifications, quantity_min,
                       quantity_max, quantity_step))

/// An earlier handle of a product. A product whose handle it is now comes first.
struct redirect_row {
  static constexpr const char* table = "product_redirects";
  static constexpr std::size_t key_columns = 1;
  std::string handle;
  stoa::product_id product_id;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(redirect_row, (), (handle, product_id, created_at))

/// An earlier handle of a category or a collection; `kind` is one of these words.
struct resource_redirect_row {
  static constexpr const char* table = "resource_redirects";
  static constexpr std::size_t key_columns = 2;
  std::string handle;
  std::string kind;
  uuid resource_id;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(resource_redirect_row, (), (handle, kind, resource_id, created_at))

/// A database view: who has or, with `_earlier` at the end of the kind, had a handle. Read-only.
struct handle_use_row {
  static constexpr const char* table = "handle_use";
  static constexpr std::size_t key_columns = 2;
  std::string handle;
  std::string kind;
  uuid resource_id;
};
BOOST_DESCRIBE_STRUCT(handle_use_row, (), (handle, kind, resource_id))

/// The stock of a product: the data that a purchase changes.
struct stock_row {
  static constexpr const char* table = "inventory";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::product_id product_id;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  bool sellable = true;  ///< false for products with variants and deleted products
  std::int64_t version = 0;
  bool tracked = true;     ///< false: units are not counted and always available
  bool backorder = false;  ///< can be sold beyond the stock, which then becomes negative
  /// Minimum of available(); none: no minimum. Enforced by the table's CHECK.
  std::optional<std::int64_t> available_min = 0;
  /// stock.low is emitted at this number of available units; none: catalog.low_stock_threshold.
  std::optional<std::int64_t> low_stock_threshold = std::nullopt;
  bool located = false;  ///< there are units at other locations than the default one: level_row

  std::int64_t available() const { return on_hand - reserved; }
  /// True if any quantity can be sold.
  bool unlimited() const { return !tracked || backorder; }
  /// Units on hand that are not reserved.
  std::int64_t count() const { return available() > 0 ? available() : 0; }
};
BOOST_DESCRIBE_STRUCT(stock_row, (),
                      (product_id, on_hand, reserved, sellable, version, tracked, backorder,
                       available_min, low_stock_threshold, located))

struct image_row {
  static constexpr const char* table = "product_images";
  static constexpr std::size_t key_columns = 1;
  stoa::image_id image_id;
  stoa::product_id product_id;
  std::string image_url;  ///< of a link; empty for an uploaded file
  std::string alt_text;
  std::int64_t position = 0;
  timestamp created_at;
  std::optional<std::string> file_id = std::nullopt;  ///< of an uploaded file
  std::optional<image_file> file = std::nullopt;      ///< a copy of media_file_row::file

  bool operator==(const image_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(image_row, (),
                      (image_id, product_id, image_url, alt_text, position, created_at, file_id,
                       file))

enum class reservation_status { Active, Sold, Released };
BOOST_DESCRIBE_ENUM(reservation_status, Active, Sold, Released)

/// Units of a sale that a refund has returned to the stock.
struct restock {
  stoa::refund_id refund_id;
  std::int64_t quantity = 0;
  catalog::allocations allocations = {};  ///< of the sale, from which they are
  static constexpr std::string_view defaults[] = {"allocations"};
};
BOOST_DESCRIBE_STRUCT(restock, (), (refund_id, quantity, allocations))

/// An order's reservation of a product.
struct reservation_row {
  static constexpr const char* table = "reservations";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  stoa::order_id order_id;
  stoa::product_id product_id;
  std::int64_t quantity = 0;
  reservation_status status = reservation_status::Active;
  timestamp deadline;
  timestamp created_at;
  std::vector<restock> restocks = {};
  catalog::allocations allocations = {};
};
BOOST_DESCRIBE_STRUCT(reservation_row, (),
                      (order_id, product_id, quantity, status, deadline, created_at, restocks,
                       allocations))

/// Units of a product that stay reserved for a cart after a declined payment. They count as
/// reserved in the stock; the cart's next order takes them over.
struct hold_row {
  static constexpr const char* table = "stock_holds";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  stoa::cart_id cart_id;
  stoa::product_id product_id;
  stoa::order_id order_id;  ///< the declined order
  std::int64_t quantity = 0;
  timestamp deadline;
  timestamp created_at;
  catalog::allocations allocations = {};
};
BOOST_DESCRIBE_STRUCT(hold_row, (),
                      (cart_id, product_id, order_id, quantity, deadline, created_at, allocations))

enum class stock_cause { adjustment, reservation, release, sale, returned, import };
BOOST_DESCRIBE_ENUM(stock_cause, adjustment, reservation, release, sale, returned, import)

/// A change of stock. Append-only.
struct ledger_row {
  static constexpr const char* table = "stock_ledger";
  static constexpr std::size_t key_columns = 2;
  stoa::product_id product_id;
  stoa::ledger_id ledger_id;
  std::int64_t on_hand_change = 0;
  std::int64_t reserved_change = 0;
  stock_cause cause = stock_cause::adjustment;
  std::optional<std::string> reference;  ///< the id of the order
  std::optional<std::string> note;
  std::string actor;  ///< "system" or a user's id
  timestamp created_at;
  std::optional<stoa::location_id> location_id = std::nullopt;  ///< none: the default one
};
BOOST_DESCRIBE_STRUCT(ledger_row, (),
                      (product_id, ledger_id, on_hand_change, reserved_change, cause, reference,
                       note, actor, created_at, location_id))

using catalog_records =
    db::unit_of_work<category_row, category_use_row, product_row, stock_row, location_row,
                     location_use_row, level_row, image_row, reservation_row, hold_row, ledger_row,
                     import_row, export_row, redirect_row, collection_row, collection_product_row,
                     relation_row, synonyms_row, product_type_row, product_type_use_row,
                     translation_row, media_file_row, engine_build_row, engine_clock_row,
                     resource_redirect_row, handle_use_row, label_row, label_locale_row>;

}  // namespace stoa::catalog
