#pragma once
// The messages about price lists, handled by the Pricing service.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/base/json_traits.hpp"
#include "storage/pricing/pricing.hpp"

namespace stoa::pricing {

struct price_list_view {
  static constexpr std::string_view schema_name = "price_list";
  stoa::price_list_id price_list_id;
  std::string name;
  std::string currency;
  price_list_kind kind = price_list_kind::regular;
  std::vector<std::string> customer_groups;
  std::optional<timestamp> valid_from;
  std::optional<timestamp> valid_until;
  std::int64_t priority = 0;
  bool enabled = true;
  std::int64_t entries = 0;
  timestamp created_at;
  timestamp updated_at;
  std::optional<std::string> key;
};
BOOST_DESCRIBE_STRUCT(price_list_view, (),
                      (price_list_id, name, currency, kind, customer_groups, valid_from,
                       valid_until, priority, enabled, entries, created_at, updated_at, key))

struct price_list_page {
  static constexpr std::string_view schema_name = "price_list_list";
  std::vector<price_list_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(price_list_page, (), (data, next_cursor, total))

/// The price of a unit from a number of units on.
struct price_tier_view {
  static constexpr std::string_view schema_name = "price_tier";
  std::int64_t min_quantity = 0;
  money price;
  static constexpr json::rule rules[] = {
      {.field = "min_quantity",
       .value_min = 2,
       .value_max = price_tier_quantity_max,
       .description = "The least number of units of the product in the cart."},
      {.field = "price", .value_min = 0, .description = "Of each of these units."}};
  bool operator==(const price_tier_view&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_tier_view, (), (min_quantity, price))

/// A price as sent by staff.
struct price_entry_terms {
  static constexpr std::string_view schema_name = "price_entry_terms";
  stoa::product_id product_id;
  money price;
  std::optional<money> compare_at_price;
  std::vector<price_tier_view> tiers;
  static constexpr std::string_view defaults[] = {"tiers"};
  static constexpr json::rule rules[] = {
      {.field = "product_id", .description = "A product without variants, or a variant."},
      {.field = "price", .value_min = 0, .description = "Of a unit, in the list's currency."},
      {.field = "compare_at_price",
       .value_min = 0,
       .description = "A higher price to show beside it; default, in a sale: the regular price."},
      {.field = "tiers",
       .length_max = price_tiers_max,
       .description = "Other prices from numbers of units on, which must ascend."}};
  void check(std::vector<field_error>& errors) const;
};
BOOST_DESCRIBE_STRUCT(price_entry_terms, (), (product_id, price, compare_at_price, tiers))

struct price_entry_view {
  static constexpr std::string_view schema_name = "price_entry";
  stoa::price_list_id price_list_id;
  stoa::product_id product_id;
  money price;
  std::optional<money> compare_at_price;
  std::vector<price_tier_view> tiers;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(price_entry_view, (),
                      (price_list_id, product_id, price, compare_at_price, tiers, updated_at))

struct price_entry_page {
  static constexpr std::string_view schema_name = "price_entry_list";
  std::vector<price_entry_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(price_entry_page, (), (data, next_cursor))

/// The prices of one product in all lists.
struct product_price_list {
  static constexpr std::string_view schema_name = "product_price_list";
  std::vector<price_entry_view> data;
};
BOOST_DESCRIBE_STRUCT(product_price_list, (), (data))

/// 409 too_many_price_lists, price_list_key_taken.
struct create_price_list {
  static constexpr std::string_view name = "pricing.create_price_list";
  using reply = price_list_view;
  stoa::price_list_id price_list_id;
  price_list_terms terms;
};
BOOST_DESCRIBE_STRUCT(create_price_list, (), (price_list_id, terms))

/// 409 price_list_not_empty for another currency while it has prices, price_list_key_taken.
struct replace_price_list {
  static constexpr std::string_view name = "pricing.replace_price_list";
  using reply = price_list_view;
  stoa::price_list_id price_list_id;
  price_list_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(replace_price_list, (), (price_list_id, terms, precondition))

/// The list is no longer applied and not shown; the sweep removes its prices. Orders keep theirs.
struct delete_price_list {
  static constexpr std::string_view name = "pricing.delete_price_list";
  using reply = kernel::nothing;
  stoa::price_list_id price_list_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_price_list, (), (price_list_id, precondition))

/// Removes some prices of a deleted list, or the list without prices (sent by the sweep).
struct clear_price_list {
  static constexpr std::string_view name = "pricing.clear_price_list";
  static constexpr bool one_by_one = true;
  using reply = kernel::nothing;
  stoa::price_list_id price_list_id;
};
BOOST_DESCRIBE_STRUCT(clear_price_list, (), (price_list_id))

struct price_entry_counts {
  static constexpr std::string_view schema_name = "price_entry_counts";
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t entries = 0;  ///< of the list, after the change
};
BOOST_DESCRIBE_STRUCT(price_entry_counts, (), (created, updated, deleted, entries))

/// Sets the prices of products in the list, and deletes those of others: all or none. At most
/// price_entries_at_once_max together. 409 too_many_prices.
struct change_prices {
  static constexpr std::string_view name = "pricing.change_prices";
  using reply = price_entry_counts;
  stoa::price_list_id price_list_id;
  std::vector<price_entry_terms> set;
  std::vector<stoa::product_id> remove;
};
BOOST_DESCRIBE_STRUCT(change_prices, (), (price_list_id, set, remove))

struct get_price_list {
  static constexpr std::string_view name = "pricing.get_price_list";
  using reply = price_list_view;
  stoa::price_list_id price_list_id;
};
BOOST_DESCRIBE_STRUCT(get_price_list, (), (price_list_id))

/// Newest first.
struct list_price_lists {
  static constexpr std::string_view name = "pricing.list_price_lists";
  using reply = price_list_page;
  std::optional<std::string> currency;
  std::optional<price_list_kind> kind;
  std::optional<stoa::price_list_id> before;
  std::int64_t limit = 20;
  bool count = false;
};
BOOST_DESCRIBE_STRUCT(list_price_lists, (), (currency, kind, before, limit, count))

/// In the order of the products, after the product `after`.
struct list_price_entries {
  static constexpr std::string_view name = "pricing.list_price_entries";
  using reply = price_entry_page;
  stoa::price_list_id price_list_id;
  std::optional<stoa::product_id> after;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_price_entries, (), (price_list_id, after, limit))

/// In the order of the lists' creation.
struct get_product_prices {
  static constexpr std::string_view name = "pricing.get_product_prices";
  using reply = product_price_list;
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(get_product_prices, (), (product_id))

/// The prices of products in the given lists, for carts and product pages. At most
/// price_entries_at_once_max products.
struct find_prices {
  static constexpr std::string_view name = "pricing.find_prices";
  struct found {
    stoa::price_list_id price_list_id;
    stoa::product_id product_id;
    std::int64_t amount = 0;  ///< minor units of the list's currency
    std::optional<std::int64_t> compare_at;
    std::vector<price_tier> tiers;
  };
  struct answer {
    std::vector<found> data;
  };
  using reply = answer;
  std::vector<stoa::product_id> product_ids;
  std::vector<stoa::price_list_id> price_list_ids;
};
BOOST_DESCRIBE_STRUCT(find_prices::found, (),
                      (price_list_id, product_id, amount, compare_at, tiers))
BOOST_DESCRIBE_STRUCT(find_prices::answer, (), (data))
BOOST_DESCRIBE_STRUCT(find_prices, (), (product_ids, price_list_ids))

}  // namespace stoa::pricing
