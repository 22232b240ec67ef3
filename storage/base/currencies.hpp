#pragma once
// The currencies that a store can have.

#include <optional>
#include <string_view>

namespace stoa {

/// Decimals of the currency (ISO 4217), such as 2 for EUR; nothing for what is no currency.
std::optional<int> currency_decimals(std::string_view code);

}  // namespace stoa
