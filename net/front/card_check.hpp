#pragma once
// Rejects request bodies that hold a card number, before any of it is stored, mailed or logged (PCI
// DSS: numbers that are never received need no protection).

#include <string_view>

namespace stoa::front {

class exchange;

/// Fails with 422 `card_number_rejected` and the field's pointer when a text, a number or a name in
/// the JSON body is or contains a card number (storage/base/card_number.hpp); with 400 when the
/// body is not JSON. With `member`, only that member of the body is checked.
void reject_card_numbers(exchange& x, std::string_view member = {});

}  // namespace stoa::front
