#pragma once
// A postal address, as the API and the orders' databases know it.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"

namespace stoa {

/// `country` is ISO 3166-1 alpha-2.
struct address {
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string address_line1;
  std::optional<std::string> address_line2;
  std::string city;
  std::optional<std::string> state;
  std::string postal_code;
  std::string country;

  static constexpr json::rule rules[] = {
      {.field = "first_name", .length_max = 100, .form = json::format::line},
      {.field = "last_name", .length_max = 100, .form = json::format::line},
      {.field = "address_line1", .length_min = 1, .length_max = 200, .form = json::format::line},
      {.field = "address_line2", .length_max = 200, .form = json::format::line},
      {.field = "city", .length_min = 1, .length_max = 100, .form = json::format::line},
      {.field = "state", .length_max = 100, .form = json::format::line},
      {.field = "postal_code", .length_min = 1, .length_max = 20, .form = json::format::line},
      {.field = "country", .form = json::format::country, .description = "ISO 3166-1 alpha-2"},
  };
  bool operator==(const address&) const = default;
};
BOOST_DESCRIBE_STRUCT(address, (),
                      (first_name, last_name, address_line1, address_line2, city, state,
                       postal_code, country))

}  // namespace stoa
