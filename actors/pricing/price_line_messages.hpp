#pragma once
// The messages of an import and an export of price lists in JSON Lines, handled by the Pricing
// service. The Catalog service knows the products that the lines of a file name
// (actors/catalog/price_reference_messages.hpp).

#include "actors/catalog/catalog_views.hpp"
#include "actors/pricing/price_list_messages.hpp"

namespace stoa::pricing {

/// Creates or changes the price list of a line: the one with the id or, in a line without an id,
/// with the key. Idempotent. The problems are those of create_price_list and replace_price_list,
/// with pointers into the line.
struct import_price_list {
  static constexpr std::string_view name = "pricing.import_price_list";
  using reply = catalog::import_answer;
  std::optional<stoa::price_list_id> price_list_id;
  std::optional<std::string> key;
  json::raw terms{"{}"};  ///< members of price_list_terms: a merge patch (RFC 7396)
  bool dry_run = false;   ///< changes nothing; the answer lists the changes
};
BOOST_DESCRIBE_STRUCT(import_price_list, (), (price_list_id, key, terms, dry_run))

/// A price of a line; absent members keep the stored value.
struct imported_price {
  std::string price_list;  ///< its key, or its id
  stoa::product_id product_id;
  patch<money> price;  ///< null: the price is deleted
  patch<money> compare_at_price;
  patch<std::vector<price_tier_view>> tiers;
};
BOOST_DESCRIBE_STRUCT(imported_price, (), (price_list, product_id, price, compare_at_price, tiers))

/// The outcome for one of the prices.
struct price_import {
  std::optional<problem> error;  ///< the price is unchanged; pointers into its line
  catalog::import_answer answer;
};
BOOST_DESCRIBE_STRUCT(price_import, (), (error, answer))

struct price_imports {
  std::vector<price_import> data;  ///< in the order of the prices
};
BOOST_DESCRIBE_STRUCT(price_imports, (), (data))

/// Sets or deletes prices, in their order, each as a whole or not at all. Idempotent. At most
/// price_entries_at_once_max.
struct import_prices {
  static constexpr std::string_view name = "pricing.import_prices";
  using reply = price_imports;
  std::vector<imported_price> prices;
  bool dry_run = false;  ///< changes nothing; the answers list the changes
};
BOOST_DESCRIBE_STRUCT(import_prices, (), (prices, dry_run))

struct exported_price_list {
  stoa::price_list_id price_list_id;
  price_list_terms terms;
};
BOOST_DESCRIBE_STRUCT(exported_price_list, (), (price_list_id, terms))

struct price_list_export {
  std::vector<exported_price_list> data;
};
BOOST_DESCRIBE_STRUCT(price_list_export, (), (data))

/// All price lists, oldest first.
struct export_price_lists {
  static constexpr std::string_view name = "pricing.export_price_lists";
  using reply = price_list_export;
};
BOOST_DESCRIBE_STRUCT(export_price_lists, (), ())

struct price_export {
  std::string price_list;  ///< the key of the list, or its id
  std::vector<price_entry_view> data;
  std::optional<std::string> next;  ///< the next page's `after`; absent on the last page
};
BOOST_DESCRIBE_STRUCT(price_export, (), (price_list, data, next))

/// A page of the prices of one list; the pages of all lists follow one another.
struct export_prices {
  static constexpr std::string_view name = "pricing.export_prices";
  using reply = price_export;
  std::optional<std::string> after;
  std::int64_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(export_prices, (), (after, limit))

}  // namespace stoa::pricing
