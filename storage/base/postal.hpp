#pragma once
// What a postal address needs in each country.

#include "storage/base/problem.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace stoa {

/// Whether addresses of a country have a postal code. One that is given where there is `none` is
/// kept as it is.
enum class code_use { none, optional, required };

struct postal_rule {
  std::string_view country;  ///< ISO 3166-1 alpha-2
  code_use code = code_use::none;
  /// Whether an address must name a state or province. Not where there are no postal codes: there
  /// it is the name of the city or island again.
  bool state_required = false;
  std::string_view forms;  ///< of a postal code; empty when none is known
};

/// All countries of ISO 3166-1, in the order of their codes.
std::span<const postal_rule> postal_rules();
/// The country's rule; a null pointer for what is no country.
const postal_rule* postal_rule_of(std::string_view country);
/// True when the code has one of the forms, whatever its capitals, spaces and dashes, with or
/// without the country before it; also when no form is known.
bool is_postal_code(const postal_rule& rule, std::string_view code);
/// Adds what is wrong with the address. A blank postal code is none. Pointers are relative to the
/// address.
void check_postal(std::string_view country, std::string_view postal_code, std::string_view state,
                  std::vector<field_error>& errors);

}  // namespace stoa
