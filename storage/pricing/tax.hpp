#pragma once
// Tax rates, as stored and as sent by staff.

#include "storage/base/redemption.hpp"
#include "storage/base/time.hpp"
#include "storage/pricing/area.hpp"

namespace stoa::pricing {

inline constexpr std::int64_t rate_whole = 1'000'000;  ///< 100 %
inline constexpr std::string_view standard_tax_class = "standard";

/// The rule of a tax class, in products, shipping methods and tax rates.
constexpr json::rule tax_class_rule(std::string_view description) {
  return {.field = "tax_class",
          .length_min = 1,
          .length_max = 64,
          .form = json::format::line,
          .description = description};
}

/// One tax on products of a class in an area.
struct tax_terms {
  static constexpr std::string_view schema_name = "tax_rate_terms";
  std::string name;
  pricing::area area;
  std::string tax_class = std::string(standard_tax_class);
  std::int64_t parts_per_million = 0;
  std::int64_t priority = 0;
  std::optional<timestamp> valid_from;
  std::optional<timestamp> valid_until;

  static constexpr std::string_view defaults[] = {"tax_class", "priority"};
  static constexpr json::rule rules[] = {
      {.field = "name",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "Shown to customers, such as VAT 19 %.",
       .example = R"("VAT 19 %")"},
      {.field = "area", .description = "Where it is charged, by the shipping address."},
      tax_class_rule("The class of the products on which it is charged."),
      {.field = "parts_per_million",
       .value_min = 0,
       .value_max = rate_whole,
       .description = "The rate: 190000 is 19 %."},
      {.field = "priority",
       .value_min = 0,
       .value_max = 100,
       .description = "Of the rates with one priority that match, the one with the smallest area "
                      "is charged: that of a postal range before that of a region before that of "
                      "a country. Rates with different priorities are all charged, each on the "
                      "price without taxes."},
      {.field = "valid_from", .description = "Not charged before; default: at once."},
      {.field = "valid_until", .description = "Not charged from then on; default: no end."}};
  void check(std::vector<field_error>& errors) const {
    if (valid_from && valid_until && *valid_until <= *valid_from) {
      errors.push_back({"/valid_until", "range", "This must be later than `valid_from`."});
    }
  }
  bool operator==(const tax_terms&) const = default;
};
BOOST_DESCRIBE_STRUCT(tax_terms, (),
                      (name, area, tax_class, parts_per_million, priority, valid_from, valid_until))

}  // namespace stoa::pricing
