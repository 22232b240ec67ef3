#pragma once
// Refuses request bodies that hold a card number, before anything of them is stored, mailed or
// logged (PCI DSS: numbers that never arrive need no protection).

#include <string_view>

namespace stoa::front {

class exchange;

/// Fails with 422 `card_number_refused` and the field's pointer when a text, a number or a name in
/// the JSON body is or holds a card number (storage/base/card_number.hpp); with 400 when it is no
/// JSON. With `member` only that member of the body is searched.
void refuse_card_numbers(exchange& x, std::string_view member = {});

}  // namespace stoa::front
