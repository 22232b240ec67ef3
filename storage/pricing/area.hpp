#pragma once
// Parts of the world for taxes and shipping.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::pricing {

/// The addresses of a country or of a part of it.
struct area {
  static constexpr std::string_view schema_name = "area";
  std::string country;                     ///< ISO 3166-1 alpha-2
  std::optional<std::string> region;       ///< the state or province, as in addresses
  std::optional<std::string> postal_from;  ///< compared with the beginning of the postal code
  std::optional<std::string> postal_to;

  static constexpr json::rule rules[] = {
      {.field = "country", .form = json::format::country, .description = "ISO 3166-1 alpha-2."},
      {.field = "region",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "The state or province, as in addresses; upper and lower case are equal. "
                      "Default: the whole country."},
      {.field = "postal_from",
       .length_min = 1,
       .length_max = 20,
       .form = json::format::line,
       .description = "The first postal code. As many characters of the address's code as this "
                      "has are compared, without spaces and hyphens."},
      {.field = "postal_to",
       .length_min = 1,
       .length_max = 20,
       .form = json::format::line,
       .description = "The last postal code, compared in the same way."}};
  /// A range of postal codes has both ends, in their order.
  void check(std::vector<field_error>& errors) const;
  bool operator==(const area&) const = default;
};
BOOST_DESCRIBE_STRUCT(area, (), (country, region, postal_from, postal_to))

}  // namespace stoa::pricing
