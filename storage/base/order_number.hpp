#pragma once
// An order's number: what people read out or type instead of its id.

#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// The last 12 hexadecimal digits of the order's id, such as "7F3A-91C2-04BE": 48 random bits. The
/// database lets no two orders have the same.
std::string order_number(order_id id);

/// The digits alone, in upper case, as the database compares them. Accepts either case, and spaces
/// and dashes anywhere; nothing for what is no number.
std::optional<std::string> order_number_digits(std::string_view text);

}  // namespace stoa
