#pragma once
// What a promotion is: its conditions and its discount, as stored and as sent by staff.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/money.hpp"
#include "storage/base/redemption.hpp"
#include "storage/base/time.hpp"

#include <vector>

namespace stoa {
using revision_id = id<struct revision_tag>;
}

namespace stoa::pricing {

inline constexpr std::int64_t basis_points_max = 10'000;  ///< 100 %
inline constexpr std::int64_t promotion_units_max = 1'000'000;
inline constexpr std::size_t selector_ids_max = 500;

/// Disabled: kept with its codes and uses, but not applied.
enum class promotion_status { Active, Disabled };
BOOST_DESCRIBE_ENUM(promotion_status, Active, Disabled)

/// automatic: applied to every cart that meets the conditions. code: only with one of its codes.
enum class promotion_trigger { automatic, code };
BOOST_DESCRIBE_ENUM(promotion_trigger, automatic, code)

enum class discount_type {
  percentage,     ///< basis_points off
  fixed_amount,   ///< amounts off: of each unit, of the order, or of shipping
  fixed_price,    ///< each unit costs amounts
  buy_x_get_y,    ///< for buy_quantity units, get_quantity units are reduced by basis_points
  cheapest_free,  ///< the get_quantity cheapest units are free
  free_shipping
};
BOOST_DESCRIBE_ENUM(discount_type, percentage, fixed_amount, fixed_price, buy_x_get_y,
                    cheapest_free, free_shipping)

/// What a discount reduces.
enum class discount_target { items, order, shipping };
BOOST_DESCRIBE_ENUM(discount_target, items, order, shipping)

/// Selects lines by product or category. A product stands for its variants, a category for its
/// subcategories. Without any id: all lines.
struct item_selector {
  static constexpr std::string_view schema_name = "item_selector";
  std::vector<stoa::product_id> product_ids;
  std::vector<stoa::category_id> category_ids;

  static constexpr std::string_view defaults[] = {"product_ids", "category_ids"};
  static constexpr json::rule rules[] = {
      {.field = "product_ids",
       .length_max = selector_ids_max,
       .description = "Products and variants; a product stands for its variants."},
      {.field = "category_ids",
       .length_max = selector_ids_max,
       .description = "Categories, with their subcategories."}};
  bool selects_all() const { return product_ids.empty() && category_ids.empty(); }
  bool operator==(const item_selector&) const = default;
};
BOOST_DESCRIBE_STRUCT(item_selector, (), (product_ids, category_ids))

struct promotion_discount {
  static constexpr std::string_view schema_name = "promotion_discount";
  discount_type type = discount_type::percentage;
  discount_target target = discount_target::items;
  std::optional<std::int64_t> basis_points;
  std::vector<money> amounts;
  item_selector items;
  std::optional<item_selector> buy_items;
  std::optional<std::int64_t> buy_quantity;
  std::optional<std::int64_t> get_quantity;
  std::optional<std::int64_t> times_max;

  static constexpr std::string_view defaults[] = {"target", "amounts", "items"};
  static constexpr json::rule rules[] = {
      {.field = "target",
       .description = "What is reduced: the selected items, the order, or the costs of shipping. "
                      "The discount of an order is divided among its items in proportion to their "
                      "amounts."},
      {.field = "basis_points",
       .value_min = 1,
       .value_max = basis_points_max,
       .description = "For percentage, and optional for buy_x_get_y: hundredths of a percent."},
      {.field = "amounts",
       .length_max = 30,
       .value_min = 0,
       .description = "For fixed_amount and fixed_price: an amount per currency. In other "
                      "currencies the promotion does not apply."},
      {.field = "items", .description = "The items that are reduced; default: all."},
      {.field = "buy_items",
       .description = "For buy_x_get_y: the items to buy, which are not reduced. Without it the "
                      "units to buy and the reduced ones are both among `items`, and the cheapest "
                      "are reduced."},
      {.field = "buy_quantity",
       .value_min = 1,
       .value_max = promotion_units_max,
       .description = "For buy_x_get_y: the units to buy."},
      {.field = "get_quantity",
       .value_min = 1,
       .value_max = promotion_units_max,
       .description = "For buy_x_get_y and cheapest_free: the units that are reduced.",
       .default_value = "1"},
      {.field = "times_max",
       .value_min = 1,
       .value_max = promotion_units_max,
       .description = "For buy_x_get_y: how many times it applies to an order; default: as often "
                      "as the quantities allow."}};
  bool operator==(const promotion_discount&) const = default;
};
BOOST_DESCRIBE_STRUCT(promotion_discount, (),
                      (type, target, basis_points, amounts, items, buy_items, buy_quantity,
                       get_quantity, times_max))

/// All of them must be met. Amounts and quantities are those before discounts.
struct promotion_conditions {
  static constexpr std::string_view schema_name = "promotion_conditions";
  std::vector<money> subtotal_min;
  std::optional<std::int64_t> quantity_min;
  item_selector items;
  bool first_order = false;
  std::vector<std::string> customer_groups;
  std::vector<std::string> countries;

  static constexpr std::string_view defaults[] = {"subtotal_min", "items", "first_order",
                                                  "customer_groups", "countries"};
  static constexpr json::rule rules[] = {
      {.field = "subtotal_min",
       .length_max = 30,
       .value_min = 1,
       .description = "The least subtotal of the selected items, per currency. In other currencies "
                      "the promotion does not apply."},
      {.field = "quantity_min",
       .value_min = 1,
       .value_max = promotion_units_max,
       .description = "The least number of units of the selected items; default: 1."},
      {.field = "items", .description = "The items that must be in the cart; default: any."},
      {.field = "first_order",
       .description = "Only for the first order of an account or, without one, of an email "
                      "address; cancelled orders do not count."},
      {.field = "customer_groups",
       .length_max = 50,
       .form = json::format::line,
       .description = "Only for accounts in one of these groups.",
       .each_length_max = 64,
       .each_length_min = 1},
      {.field = "countries",
       .length_max = 250,
       .form = json::format::country,
       .description = "Only for orders that are shipped to one of these countries.",
       .example = R"(["DE"])"}};
  bool operator==(const promotion_conditions&) const = default;
};
BOOST_DESCRIBE_STRUCT(promotion_conditions, (),
                      (subtotal_min, quantity_min, items, first_order, customer_groups, countries))

/// The definition of a promotion, without its state.
struct promotion_terms {
  std::string name;
  std::optional<std::string> description;
  promotion_trigger trigger = promotion_trigger::automatic;
  std::optional<timestamp> starts_at;
  std::optional<timestamp> ends_at;
  std::int64_t priority = 0;
  /// The targets of the promotions with which it is combined; none: exclusive.
  std::vector<discount_target> combines_with;
  promotion_conditions conditions;
  promotion_discount discount;
  std::optional<std::int64_t> uses_max;
  std::optional<std::int64_t> uses_per_customer_max;

  bool operator==(const promotion_terms&) const = default;
};
BOOST_DESCRIBE_STRUCT(promotion_terms, (),
                      (name, description, trigger, starts_at, ends_at, priority, combines_with,
                       conditions, discount, uses_max, uses_per_customer_max))

/// Whether orders must reserve a use: it is limited, or counted because it needs a code.
inline bool is_redeemed(const promotion_terms& t) {
  return t.trigger == promotion_trigger::code || t.uses_max || t.uses_per_customer_max;
}

}  // namespace stoa::pricing
