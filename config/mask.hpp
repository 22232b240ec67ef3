#pragma once
// What must not reach the log.

#include <string_view>

namespace stoa::log {

/// True when the field's name tells of a secret: one of its words (parted by '_', '-', '.' or
/// blanks) is password, token, authorization, card, ...
bool is_secret_name(std::string_view name);

/// True when an integer looks like a card number: 13 to 19 digits, first digit 2 to 6, Luhn-valid.
/// Times in microseconds or nanoseconds begin with 1 and pass.
bool is_card_number(unsigned long long number);

}  // namespace stoa::log
