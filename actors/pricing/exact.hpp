#pragma once
// Integer arithmetic on amounts. The products may exceed 64 bits.

#include <cstdint>
#include <vector>

namespace stoa::pricing {

__extension__ using wide = __int128;

/// amount * part / whole, rounded down.
constexpr std::int64_t fraction(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  return static_cast<std::int64_t>(static_cast<wide>(amount) * part / whole);
}

/// numerator / denominator, rounded half up; the numerator is not below zero.
constexpr std::int64_t rounded(wide numerator, wide denominator) {
  return static_cast<std::int64_t>((2 * numerator + denominator) / (2 * denominator));
}

/// Divides the amount in proportion to the weights, which are not below zero; the shares add up to
/// it. A share does not exceed its weight unless the amount exceeds their sum. Equal shares if all
/// weights are zero.
std::vector<std::int64_t> divide(std::int64_t amount, std::vector<std::int64_t> weights);

}  // namespace stoa::pricing
