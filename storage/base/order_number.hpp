#pragma once
// An order's number: what people read out or type instead of its id.

#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// The number of an order with this id, without dashes: 9 digits of base 32 for the id's last 45
/// bits, which are random, and a check digit. So it tells nothing of how many orders there are.
/// Digits: Crockford's base 32 (https://www.crockford.com/base32.html), which has no I, L, O and U.
/// Check: Luhn's algorithm modulo 32 (ISO/IEC 7812-1, annex B, for 32 digits), which detects each
/// single wrong digit and all but one of the exchanges of two neighbours. The database lets no two
/// orders have the same number.
std::string order_number_of(order_id id);

/// The number as people see it: "7F3A9-1C2BQ".
std::string to_display_number(std::string_view order_number);

/// The number that a person has typed, without dashes. Accepts either case, spaces and dashes
/// anywhere, and O for 0, I and L for 1; nothing for what cannot be a number of ours.
std::optional<std::string> parse_order_number(std::string_view text);

}  // namespace stoa
