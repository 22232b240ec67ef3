#pragma once
// The messages of the Catalog service. The structs with rules are also the request bodies of its
// routes.

#include "actors/catalog/category_messages.hpp"
#include "actors/catalog/import_messages.hpp"
#include "actors/kernel/precondition.hpp"

namespace stoa::catalog {

/// Of a product, category or collection; with a further one the oldest is removed.
inline constexpr std::size_t earlier_handles_max = 20;
inline constexpr std::size_t price_items_max = 1000;  ///< of one query
inline constexpr std::int64_t weight_grams_max = 1'000'000'000;
inline constexpr std::size_t lookup_ids_max = 100;  ///< of one query

// --- products, by staff --------------------------------------------------------------------------

/// The statuses that staff set; delete_product makes a product Deleted.
inline constexpr std::string_view written_statuses = "Draft Active Archived";
inline constexpr std::size_t tags_max = 250;  ///< of a product

constexpr json::rule vendor_rule{.field = "vendor",
                                 .length_max = 255,
                                 .form = json::format::line,
                                 .description = "The maker or brand."};
constexpr json::rule tags_rule{.field = "tags",
                               .length_max = tags_max,
                               .form = json::format::line,
                               .description = "Words by which customers filter and search.",
                               .each_length_max = 255};
constexpr json::rule product_type_rule{
    .field = "product_type",
    .length_min = 1,
    .length_max = 64,
    .form = json::format::line,
    .description = "The key of a product type, which declares attributes."};
constexpr json::rule publish_rule{
    .field = "publish_at",
    .description = "When a draft or archived product becomes Active; within seconds of it."};
constexpr json::rule archive_rule{.field = "archive_at",
                                  .description = "When the product becomes Archived."};

/// A new product, or with `parent_product_id` a new variant, whose name and price default to the
/// parent's.
struct new_product {
  static constexpr std::string_view schema_name = "new_product";
  std::optional<std::string> name;  ///< required except for a variant
  std::string description;
  std::optional<money> price;  ///< required except for a variant
  std::optional<money> compare_at_price;
  std::optional<stoa::category_id> category_id;
  std::optional<stoa::product_id> parent_product_id;
  std::optional<std::string> sku;
  std::optional<std::string> handle;
  std::optional<product_status> status;
  std::vector<option_value> options;
  std::int64_t on_hand = 0;
  std::optional<json::raw> attributes;
  bool track_inventory = true;
  bool allow_backorder = false;
  std::optional<metadata_change> metadata;
  std::optional<std::string> vendor;
  std::optional<std::vector<std::string>> tags;
  std::optional<timestamp> publish_at;
  std::optional<timestamp> archive_at;
  std::optional<std::string> product_type;
  std::optional<std::int64_t> quantity_min = std::nullopt;
  std::optional<std::int64_t> quantity_max = std::nullopt;
  std::optional<std::int64_t> quantity_step = std::nullopt;
  std::optional<std::int64_t> low_stock_threshold;

  static constexpr json::rule rules[] = {
      metadata_rule,
      vendor_rule,
      tags_rule,
      product_type_rule,
      publish_rule,
      archive_rule,
      {.field = "low_stock_threshold",
       .value_min = 0,
       .value_max = stock_max,
       .description = "Available units at which stock.low is emitted; 0: never. Default: "
                      "catalog.low_stock_threshold."},
      {.field = "name",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "Required, except for a variant."},
      {.field = "description", .length_max = description_length_max, .form = json::format::text},
      {.field = "price", .value_min = 0, .description = "Required, except for a variant."},
      {.field = "compare_at_price", .value_min = 0},
      {.field = "sku", .form = json::format::sku},
      {.field = "handle",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "The product's name in URLs. Default: one made from the name."},
      {.field = "status", .one_of = written_statuses},
      {.field = "options",
       .length_max = 10,
       .description = "The values that distinguish a variant."},
      {.field = "on_hand",
       .value_min = -stock_max,
       .value_max = stock_max,
       .description = "A negative number: units owed."},
      {.field = "attributes", .description = "An object, stored unchanged."},
      {.field = "track_inventory",
       .description = "Whether units are counted; if not, the product never sells out."},
      {.field = "allow_backorder",
       .description = "Whether it is sold when out of stock; its stock then becomes negative."},
      {.field = "quantity_min",
       .value_min = 1,
       .value_max = quantity_limit_max,
       .description = "The least units of a line."},
      {.field = "quantity_max",
       .value_min = 1,
       .value_max = quantity_limit_max,
       .description = "The most units of an order, in all its lines of the product."},
      {.field = "quantity_step",
       .value_min = 1,
       .value_max = quantity_limit_max,
       .description = "The quantity of a line is a multiple of it. A variant without any of the "
                      "three limits has those of its product."},
  };
  static constexpr std::string_view defaults[] = {"description", "options", "on_hand",
                                                  "track_inventory", "allow_backorder"};
};
BOOST_DESCRIBE_STRUCT(new_product, (),
                      (name, description, price, compare_at_price, category_id, parent_product_id,
                       sku, handle, status, options, on_hand, attributes, track_inventory,
                       allow_backorder, metadata, vendor, tags, publish_at, archive_at,
                       product_type, quantity_min, quantity_max, quantity_step,
                       low_stock_threshold))

/// conflict sku_taken, handle_taken, variant_exists, product_reserved; validation for values that
/// break a rule.
struct create_product {
  static constexpr std::string_view name = "catalog.create_product";
  using reply = product_view;
  new_product product;
};
BOOST_DESCRIBE_STRUCT(create_product, (), (product))

/// Changes of a product: absent = unchanged, null = removed, where possible.
struct product_change {
  static constexpr std::string_view schema_name = "product_change";
  std::optional<std::string> name;
  patch<std::string> description;
  std::optional<money> price;
  patch<money> compare_at_price;
  patch<stoa::category_id> category_id;
  patch<std::string> sku;
  patch<std::string> handle;
  std::optional<product_status> status;
  patch<std::vector<option_value>> options;
  patch<json::raw> attributes;
  std::optional<bool> track_inventory;
  std::optional<bool> allow_backorder;
  patch<metadata_change> metadata;
  patch<std::string> vendor;
  patch<std::vector<std::string>> tags;
  patch<timestamp> publish_at;
  patch<timestamp> archive_at;
  patch<std::string> product_type;
  patch<std::int64_t> quantity_min = {};
  patch<std::int64_t> quantity_max = {};
  patch<std::int64_t> quantity_step = {};
  patch<std::int64_t> low_stock_threshold;

  static constexpr json::rule rules[] = {
      metadata_rule,
      vendor_rule,
      tags_rule,
      product_type_rule,
      publish_rule,
      archive_rule,
      {.field = "quantity_min", .value_min = 1, .value_max = quantity_limit_max},
      {.field = "quantity_max", .value_min = 1, .value_max = quantity_limit_max},
      {.field = "quantity_step", .value_min = 1, .value_max = quantity_limit_max},
      {.field = "low_stock_threshold",
       .value_min = 0,
       .value_max = stock_max,
       .description = "Available units at which stock.low is emitted; 0: never; null: "
                      "catalog.low_stock_threshold."},
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "description", .length_max = description_length_max, .form = json::format::text},
      {.field = "price", .value_min = 0},
      {.field = "compare_at_price", .value_min = 0},
      {.field = "sku", .form = json::format::sku},
      {.field = "handle", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "status", .one_of = written_statuses},
      {.field = "options", .length_max = 10},
  };
};
BOOST_DESCRIBE_STRUCT(product_change, (),
                      (name, description, price, compare_at_price, category_id, sku, handle, status,
                       options, attributes, track_inventory, allow_backorder, metadata, vendor,
                       tags, publish_at, archive_at, product_type, quantity_min, quantity_max,
                       quantity_step, low_stock_threshold))

struct change_product {
  static constexpr std::string_view name = "catalog.change_product";
  using reply = product_view;
  stoa::product_id product_id;
  product_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_product, (), (product_id, change, precondition))

/// Hides the product and its variants permanently. conflict product_reserved while orders hold
/// units.
struct delete_product {
  static constexpr std::string_view name = "catalog.delete_product";
  using reply = kernel::nothing;
  stoa::product_id product_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_product, (), (product_id, precondition))

// --- stock ---------------------------------------------------------------------------------------

/// Either `change` or `on_hand` (the counted units).
struct stock_change {
  static constexpr std::string_view schema_name = "inventory_change";
  std::optional<std::int64_t> change;
  std::optional<std::int64_t> on_hand;
  std::optional<std::string> reason;
  std::optional<stoa::location_id> location_id = std::nullopt;

  static constexpr json::rule rules[] = {
      {.field = "location_id",
       .description = "Where; by default at the default location. Other locations owe no units."},
      {.field = "change",
       .value_min = -stock_max,
       .value_max = stock_max,
       .description = "Units added, or removed if negative; exclusive with on_hand."},
      {.field = "on_hand",
       .value_min = -stock_max,
       .value_max = stock_max,
       .description = "Units in stock at the location; exclusive with change. Negative only if the "
                      "product is sold beyond its stock or not tracked."},
      {.field = "reason", .length_min = 1, .length_max = 500, .form = json::format::text},
  };
};
BOOST_DESCRIBE_STRUCT(stock_change, (), (change, on_hand, reason, location_id))

/// conflict insufficient_stock when fewer units would remain than orders hold; validation
/// product_not_sellable for a product with variants.
struct adjust_stock {
  static constexpr std::string_view name = "catalog.adjust_stock";
  using reply = stock_view;
  stoa::product_id product_id;
  stock_change change;
};
BOOST_DESCRIBE_STRUCT(adjust_stock, (), (product_id, change))

/// Emits reservation.expired for a reservation past its deadline (sent by the sweep).
struct expire_reservation {
  static constexpr std::string_view name = "catalog.expire_reservation";
  using reply = kernel::nothing;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(expire_reservation, (), (order_id))

/// Releases expired holds of carts (sent by the sweep).
struct release_holds {
  static constexpr std::string_view name = "catalog.release_holds";
  using reply = kernel::nothing;
  std::vector<stoa::cart_id> cart_ids;
};
BOOST_DESCRIBE_STRUCT(release_holds, (), (cart_ids))

/// Publishes and archives the products whose time has come (sent by the sweep).
struct apply_schedule {
  static constexpr std::string_view name = "catalog.apply_schedule";
  using reply = kernel::nothing;
  std::vector<stoa::product_id> product_ids;
};
BOOST_DESCRIBE_STRUCT(apply_schedule, (), (product_ids))

// --- the search index ----------------------------------------------------------------------------

/// Recomputes the search words and sort names of the products (sent by the sweep).
struct index_products {
  static constexpr std::string_view name = "catalog.index_products";
  using reply = kernel::nothing;
  std::vector<stoa::product_id> product_ids;
};
BOOST_DESCRIBE_STRUCT(index_products, (), (product_ids))

/// Gives automatic handles to those that have none (sent by the sweep).
struct assign_handles {
  static constexpr std::string_view name = "catalog.assign_handles";
  using reply = kernel::nothing;
  std::vector<stoa::product_id> product_ids;
  std::vector<stoa::category_id> category_ids;
  std::vector<stoa::collection_id> collection_ids;
};
BOOST_DESCRIBE_STRUCT(assign_handles, (), (product_ids, category_ids, collection_ids))

/// Queues all products for reindexing; `made_by` identifies the current rules (search_maker()).
struct index_all_products {
  static constexpr std::string_view name = "catalog.index_all_products";
  using reply = kernel::nothing;
  std::string made_by;
};
BOOST_DESCRIBE_STRUCT(index_all_products, (), (made_by))

// --- queries -------------------------------------------------------------------------------------

struct get_product {
  static constexpr std::string_view name = "catalog.get_product";
  using reply = product_view;
  stoa::product_id product_id;
  bool for_staff = false;  ///< include drafts and the members for staff; ignored for others
  std::optional<std::string> locale = {};  ///< of name and description, BCP 47
};
BOOST_DESCRIBE_STRUCT(get_product, (), (product_id, for_staff, locale))

/// Lists products; the members have the names of the API's query parameters.
struct list_products {
  static constexpr std::string_view name = "catalog.list_products";
  using reply = product_page;
  std::optional<std::string> q;  ///< all words must match, the last one as a prefix
  std::optional<stoa::category_id> category_id;
  std::optional<std::int64_t> min_price;
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<std::string> sort;  ///< relevance, newest, price, -price, name; for staff updated
  std::int64_t limit = 20;
  std::optional<std::string> cursor;
  bool for_staff = false;
  std::optional<product_status> status;  ///< staff only
  // Lookups instead of a list; `ids` returns the products in this order:
  std::optional<std::vector<stoa::product_id>> ids;
  std::optional<std::string> handle;  ///< the current one, or an earlier one
  std::optional<std::string> sku;     ///< the product's own, or one of its variants'
  /// Staff only: products changed since then, in the order of the changes.
  std::optional<timestamp> updated_since;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count", "highlight"};
  std::optional<std::string> filter;               ///< facet_filter.hpp
  std::optional<std::vector<std::string>> facets;  ///< of asked_facets
  std::optional<stoa::collection_id> collection_id;
  bool highlight = false;
  std::optional<std::string> locale;  ///< of names and descriptions, BCP 47
};
BOOST_DESCRIBE_STRUCT(list_products, (),
                      (q, category_id, min_price, max_price, in_stock, sort, limit, cursor,
                       for_staff, status, ids, handle, sku, updated_since, count, filter, facets,
                       collection_id, highlight, locale))

struct price_items {
  static constexpr std::string_view name = "catalog.price_items";
  using reply = price_list;
  std::vector<stoa::product_id> product_ids;
  /// Units held for this cart count as available.
  std::optional<stoa::cart_id> held_for = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(price_items, (), (product_ids, held_for))

/// What the rules of prices need to know about products; unknown ones are left out.
struct product_facts {
  static constexpr std::string_view name = "catalog.product_facts";
  using reply = product_fact_list;
  std::vector<stoa::product_id> product_ids;
};
BOOST_DESCRIBE_STRUCT(product_facts, (), (product_ids))

struct category_tree {
  static constexpr std::string_view name = "catalog.category_tree";
  using reply = category_list;
  std::optional<std::string> locale = {};
  /// Only the category that has this handle, or had it, with those below it.
  std::optional<std::string> handle = {};
};
BOOST_DESCRIBE_STRUCT(category_tree, (), (locale, handle))

struct get_category {
  static constexpr std::string_view name = "catalog.get_category";
  using reply = category_view;
  stoa::category_id category_id;
  std::optional<std::string> locale = {};
};
BOOST_DESCRIBE_STRUCT(get_category, (), (category_id, locale))

struct list_ledger {
  static constexpr std::string_view name = "catalog.list_ledger";
  using reply = ledger_page;
  stoa::product_id product_id;
  std::optional<stoa::ledger_id> before;
  std::int64_t limit = 20;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_ledger, (), (product_id, before, limit, count))

/// All products that are not deleted, in the order of their ids.
struct export_products {
  static constexpr std::string_view name = "catalog.export_products";
  using reply = export_page;
  std::optional<stoa::product_id> after;
  std::int64_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(export_products, (), (after, limit))

}  // namespace stoa::catalog
