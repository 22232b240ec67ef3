#pragma once
// Price lists: prices of products for a currency, a time or groups of customers, as stored and as
// sent by staff.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/money.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa {
using price_list_id = id<struct price_list_tag>;
}

namespace stoa::pricing {

inline constexpr std::size_t price_lists_max = 100;            ///< of a store
inline constexpr std::int64_t price_entries_max = 1'000'000;   ///< of a price list
inline constexpr std::size_t price_entries_at_once_max = 500;  ///< of a request
inline constexpr std::size_t price_tiers_max = 20;             ///< of an entry
inline constexpr std::int64_t price_tier_quantity_max = 1'000'000;

/// regular: the prices of a currency or of groups, in place of the products' own. sale: reduced
/// prices, which apply only while they are below the regular ones.
enum class price_list_kind { regular, sale };
BOOST_DESCRIBE_ENUM(price_list_kind, regular, sale)

struct price_list_terms {
  static constexpr std::string_view schema_name = "price_list_terms";
  static constexpr std::string_view example =
      R"({"name":"Summer sale","currency":"EUR","kind":"sale",)"
      R"("valid_from":"2027-06-01T00:00:00Z","valid_until":"2027-07-01T00:00:00Z"})";
  std::string name;
  std::string currency;  ///< ISO 4217
  price_list_kind kind = price_list_kind::regular;
  std::vector<std::string> customer_groups;
  std::optional<timestamp> valid_from;
  std::optional<timestamp> valid_until;
  std::int64_t priority = 0;
  bool enabled = true;
  std::optional<std::string> key = std::nullopt;  ///< unique

  static constexpr std::string_view defaults[] = {"kind", "customer_groups", "priority", "enabled"};
  static constexpr json::rule rules[] = {
      {.field = "name",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "For staff."},
      {.field = "currency",
       .form = json::format::currency,
       .description = "The currency of all its prices. It cannot be changed while the list has "
                      "prices."},
      {.field = "kind",
       .description = "Regular prices replace the products' own, also by higher ones. Sale prices "
                      "apply only while they are below the regular ones, which are shown as "
                      "`compare_at_price`."},
      {.field = "customer_groups",
       .length_max = 50,
       .form = json::format::line,
       .description = "Only for accounts in one of these groups; default: for all customers.",
       .each_length_max = 64,
       .each_length_min = 1},
      {.field = "valid_from", .description = "Not applied before; default: at once."},
      {.field = "valid_until", .description = "Not applied from then on; default: no end."},
      {.field = "priority",
       .value_min = -1'000'000,
       .value_max = 1'000'000,
       .description = "Of the lists of one kind that have a price, those with the highest priority "
                      "count; of equal ones, the lowest price."},
      {.field = "enabled", .description = "Whether it is applied at all."},
      {.field = "key",
       .length_min = 1,
       .length_max = 64,
       .form = json::format::line,
       .description = "The name of the list in other systems and in files; unique.",
       .example = R"("summer-sale")"}};
  void check(std::vector<field_error>& errors) const {
    if (key && stoa::price_list_id::parse(*key)) {
      errors.push_back({"/key", "reserved", "A key must not have the form of an id."});
    }
    if (valid_from && valid_until && *valid_until <= *valid_from) {
      errors.push_back({"/valid_until", "range", "This must be later than `valid_from`."});
    }
  }
  bool operator==(const price_list_terms&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_list_terms, (),
                      (name, currency, kind, customer_groups, valid_from, valid_until, priority,
                       enabled, key))

/// The price of a unit from a number of units on. Stored in minor units of the list's currency.
struct price_tier {
  std::int64_t min_quantity = 0;
  std::int64_t amount = 0;
  bool operator==(const price_tier&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_tier, (), (min_quantity, amount))

struct price_list_row {
  static constexpr const char* table = "price_lists";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::price_list_id price_list_id;
  std::int64_t list = 0;  ///< always 0: loads all
  price_list_terms terms;
  std::int64_t entries = 0;  ///< the number of its prices
  bool deleted = false;      ///< the sweep removes its prices, then the row
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(price_list_row, (),
                      (price_list_id, list, terms, entries, deleted, created_at, updated_at,
                       version))

/// The price of a product in a price list, in minor units of its currency.
struct price_entry_row {
  static constexpr const char* table = "price_entries";
  static constexpr std::size_t key_columns = 2;
  stoa::price_list_id price_list_id;
  stoa::product_id product_id;
  std::int64_t amount = 0;
  std::optional<std::int64_t> compare_at = std::nullopt;
  std::vector<price_tier> tiers = {};  ///< by ascending min_quantity
  timestamp updated_at = {};
};
BOOST_DESCRIBE_STRUCT(price_entry_row, (),
                      (price_list_id, product_id, amount, compare_at, tiers, updated_at))

}  // namespace stoa::pricing
