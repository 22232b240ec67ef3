#pragma once
// Order numbers: short identifiers for display and manual input.

#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// The number of an order with this id, without dashes: 9 base-32 digits for the last 45 bits of
/// the id, which are random, and a check digit. It does not reveal the number of orders. Digits:
/// Crockford's base 32 (https://www.crockford.com/base32.html), without I, L, O and U. Check digit:
/// Luhn's algorithm modulo 32 (ISO/IEC 7812-1, annex B, for 32 digits), which detects every single
/// wrong digit and all but one of the transpositions of neighbours. A unique constraint rejects
/// duplicates.
std::string order_number_of(order_id id);

/// The number for display: "7F3A9-1C2BQ".
std::string to_display_number(std::string_view order_number);

/// Parses a typed number; returns it without dashes. Accepts either case, full-width forms, spaces
/// and dashes of any kind anywhere, and O for 0, I and L for 1. Empty if the number is invalid.
std::optional<std::string> parse_order_number(std::string_view text);

}  // namespace stoa
