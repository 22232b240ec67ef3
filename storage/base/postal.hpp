#pragma once
// Rules for postal addresses by country.

#include "storage/base/problem.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace stoa {

/// Whether addresses of a country have a postal code. With `none`, a given code is stored
/// unchanged.
enum class code_use { none, optional, required };

struct postal_rule {
  std::string_view country;  ///< ISO 3166-1 alpha-2
  code_use code = code_use::none;
  /// Whether an address must have a state or province. False in countries without postal codes,
  /// where it would repeat the city or island.
  bool state_required = false;
  std::string_view forms;  ///< of a postal code; empty if unknown
};

/// All countries of ISO 3166-1, ordered by code.
std::span<const postal_rule> postal_rules();
/// The country's rule; null for an unknown country.
const postal_rule* postal_rule_of(std::string_view country);
/// True if the code has one of the forms, ignoring case, spaces, dashes and a country prefix, or if
/// no form is known.
bool is_postal_code(const postal_rule& rule, std::string_view code);
/// Appends the errors of the address. A blank postal code counts as missing. Pointers are relative
/// to the address.
void check_postal(std::string_view country, std::string_view postal_code, std::string_view state,
                  std::vector<field_error>& errors);

}  // namespace stoa
