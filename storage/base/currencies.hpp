#pragma once
// The supported currencies.

#include <optional>
#include <string_view>

namespace stoa {

/// Decimals of the currency (ISO 4217), such as 2 for EUR; empty for an unknown code.
std::optional<int> currency_decimals(std::string_view code);

}  // namespace stoa
