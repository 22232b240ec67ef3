#pragma once
// A postal address in the API and in the databases.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/postal.hpp"

namespace stoa {

/// `country` is ISO 3166-1 alpha-2 and determines the other required fields: postal.hpp. The postal
/// code is empty in countries without postal codes.
struct address {
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string address_line1;
  std::optional<std::string> address_line2;
  std::string city;
  std::optional<std::string> state;
  std::string postal_code;
  std::string country;
  std::optional<std::string> company{};
  std::optional<std::string> phone{};

  static constexpr json::rule rules[] = {
      {.field = "first_name", .length_max = 100, .form = json::format::line},
      {.field = "last_name", .length_max = 100, .form = json::format::line},
      {.field = "address_line1", .length_min = 1, .length_max = 200, .form = json::format::line},
      {.field = "address_line2", .length_max = 200, .form = json::format::line},
      {.field = "city", .length_min = 1, .length_max = 100, .form = json::format::line},
      {.field = "state",
       .length_max = 100,
       .form = json::format::line,
       .description =
           "The state or province. Required in countries whose addresses include it, such as US."},
      // No form: check_postal() accepts a blank postal code in some countries.
      {.field = "postal_code",
       .description = "Required in countries with postal codes, in the country's format; empty "
                      "in other countries.",
       .pattern = R"(^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{0,20}$)"},
      {.field = "country",
       .form = json::format::country,
       .description = "The ISO 3166-1 alpha-2 code."},
      {.field = "company", .length_max = 100, .form = json::format::line},
      {.field = "phone",
       .form = json::format::phone,
       .description = "A phone number for the carrier."},
  };
  static constexpr std::string_view defaults[] = {"postal_code"};
  void check(std::vector<field_error>& errors) const {
    check_postal(country, postal_code, state.value_or(""), errors);
  }
  bool operator==(const address&) const = default;
};
BOOST_DESCRIBE_STRUCT(address, (),
                      (first_name, last_name, address_line1, address_line2, city, state,
                       postal_code, country, company, phone))

}  // namespace stoa
