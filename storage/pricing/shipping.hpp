#pragma once
// Shipping zones with their methods and rates, as stored and as sent by staff.

#include "storage/base/chosen_shipping.hpp"
#include "storage/base/money.hpp"
#include "storage/base/uuid.hpp"
#include "storage/pricing/area.hpp"
#include "storage/pricing/tax.hpp"

namespace stoa {
using shipping_zone_id = id<struct shipping_zone_tag>;
}

namespace stoa::pricing {

inline constexpr std::int64_t weight_max = 1'000'000'000;  ///< grams
inline constexpr std::int64_t quantity_limit_max = 1'000'000'000;

/// A price of a method. Bounds: at least the minimum, less than the maximum.
struct shipping_rate {
  static constexpr std::string_view schema_name = "shipping_rate";
  money amount;
  std::optional<std::int64_t> per_kilogram;
  std::optional<std::int64_t> per_unit;
  std::optional<std::int64_t> subtotal_min;
  std::optional<std::int64_t> subtotal_max;
  std::optional<std::int64_t> weight_min;
  std::optional<std::int64_t> weight_max;
  std::optional<std::int64_t> quantity_min;
  std::optional<std::int64_t> quantity_max;
  std::optional<std::int64_t> free_from;

  static constexpr json::rule rules[] = {
      {.field = "amount", .value_min = 0, .description = "For an order, in its currency."},
      {.field = "per_kilogram",
       .value_min = 0,
       .value_max = money_amount_max / 1'000'000,
       .description = "Added for each kilogram that has begun, in minor units."},
      {.field = "per_unit",
       .value_min = 0,
       .value_max = money_amount_max / 1'000'000,
       .description = "Added for each unit, in minor units."},
      {.field = "subtotal_min",
       .value_min = 0,
       .value_max = money_amount_max,
       .description = "For orders of at least this subtotal before discounts, in minor units."},
      {.field = "subtotal_max",
       .value_min = 1,
       .value_max = money_amount_max,
       .description = "For orders below this subtotal, in minor units."},
      {.field = "weight_min",
       .value_min = 0,
       .value_max = pricing::weight_max,
       .description = "For orders of at least this weight, in grams."},
      {.field = "weight_max",
       .value_min = 1,
       .value_max = pricing::weight_max,
       .description = "For orders below this weight, in grams."},
      {.field = "quantity_min",
       .value_min = 0,
       .value_max = quantity_limit_max,
       .description = "For orders of at least so many units."},
      {.field = "quantity_max",
       .value_min = 1,
       .value_max = quantity_limit_max,
       .description = "For orders of fewer units."},
      {.field = "free_from",
       .value_min = 0,
       .value_max = money_amount_max,
       .description = "Free from this subtotal before discounts, in minor units."}};
  bool operator==(const shipping_rate&) const = default;
};
BOOST_DESCRIBE_STRUCT(shipping_rate, (),
                      (amount, per_kilogram, per_unit, subtotal_min, subtotal_max, weight_min,
                       weight_max, quantity_min, quantity_max, free_from))

/// A way to get an order to its customer.
struct shipping_method {
  static constexpr std::string_view schema_name = "shipping_method";
  std::optional<stoa::shipping_method_id> shipping_method_id;  ///< set by the service
  std::string name;
  std::optional<std::string> description;
  shipping_kind kind = shipping_kind::delivery;
  std::string tax_class = std::string(standard_tax_class);
  std::vector<shipping_rate> rates;
  std::optional<std::int64_t> days_min;
  std::optional<std::int64_t> days_max;
  std::optional<stoa::location_id> location_id = std::nullopt;

  static constexpr std::string_view defaults[] = {"kind", "tax_class"};
  static constexpr json::rule rules[] = {
      {.field = "shipping_method_id",
       .description = "That of an existing method of the zone, to keep it; default: a new one."},
      {.field = "name",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "Shown to customers.",
       .example = R"("Standard")"},
      {.field = "description",
       .length_max = 500,
       .form = json::format::text,
       .description = "Shown to customers."},
      {.field = "kind", .description = "Delivery, or pick-up by the customer."},
      tax_class_rule("The class by which shipping is taxed."),
      {.field = "rates",
       .length_min = 1,
       .length_max = 50,
       .description = "The first rate in the order's currency whose bounds are met is charged. The "
                      "method is not offered if there is none."},
      {.field = "days_min",
       .value_min = 0,
       .value_max = 365,
       .description = "The estimated days until delivery, at least."},
      {.field = "days_max",
       .value_min = 0,
       .value_max = 365,
       .description = "The estimated days until delivery, at most."},
      {.field = "location_id",
       .description =
           "Of a pick-up: the location where customers collect the order, from which its "
           "units are taken first."}};
  void check(std::vector<field_error>& errors) const {
    if (location_id && kind != shipping_kind::pickup) {
      errors.push_back({"/location_id", "exclusive", "Only a pick-up has a location."});
    }
  }
  bool operator==(const shipping_method&) const = default;
};
BOOST_DESCRIBE_STRUCT(shipping_method, (),
                      (shipping_method_id, name, description, kind, tax_class, rates, days_min,
                       days_max, location_id))

/// The addresses to which its methods deliver. An address belongs to the zone with the smallest
/// area that contains it.
struct shipping_terms {
  static constexpr std::string_view schema_name = "shipping_zone_terms";
  std::string name;
  std::vector<area> areas;
  std::vector<shipping_method> methods;

  static constexpr json::rule rules[] = {
      {.field = "name",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "For staff.",
       .example = R"("Europe")"},
      {.field = "areas",
       .length_max = 300,
       .description = "Empty: all addresses that belong to no other zone."},
      {.field = "methods", .length_max = 50, .description = "In the order of their display."}};
  bool operator==(const shipping_terms&) const = default;
};
BOOST_DESCRIBE_STRUCT(shipping_terms, (), (name, areas, methods))

}  // namespace stoa::pricing
