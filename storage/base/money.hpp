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

/// Largest amount that any one price or total may have: sums of 10^4 such amounts still fit.
inline constexpr std::int64_t money_amount_max = 100'000'000'000'000;

/// a + b, or nothing when the currencies differ or the sum passes money_amount_max.
std::optional<money> add(const money& a, const money& b);
/// price * quantity, or nothing when the product passes money_amount_max.
std::optional<money> multiply(const money& price, std::int64_t quantity);
/// Digits after the decimal point in the currency (ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD);
/// nothing for a code that is not in ISO 4217.
std::optional<int> currency_exponent(std::string_view currency);
/// "12.99 EUR", for people.
std::string to_display(const money& m);

}  // namespace stoa
