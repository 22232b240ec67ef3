#pragma once
// Money: an integer of minor units with its currency; never a floating-point number.

#include <boost/describe.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// An amount in minor units (cents) of an ISO 4217 currency.
struct money {
  std::int64_t amount = 0;
  std::string currency;

  bool operator==(const money&) const = default;
};
BOOST_DESCRIBE_STRUCT(money, (), (amount, currency))

/// Maximum of a price or total; sums of 10^4 such amounts still fit.
inline constexpr std::int64_t money_amount_max = 100'000'000'000'000;

/// a + b; empty if the currencies differ or the sum exceeds money_amount_max.
std::optional<money> add(const money& a, const money& b);
/// price * quantity; empty if the product exceeds money_amount_max.
std::optional<money> multiply(const money& price, std::int64_t quantity);
/// Digits after the decimal point in the currency (ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD);
/// empty for an unknown code.
std::optional<int> currency_exponent(std::string_view currency);
/// "12.99 EUR", for display.
std::string to_display(const money& m);

}  // namespace stoa
