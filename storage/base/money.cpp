#include "storage/base/money.hpp"

#include "storage/base/currencies.hpp"

#include <algorithm>
#include <array>

namespace stoa {

namespace {

/// std::abs would be undefined for the smallest integer.
bool too_large(std::int64_t amount) {
  return amount > money_amount_max || amount < -money_amount_max;
}

}  // namespace

std::optional<money> add(const money& a, const money& b) {
  std::int64_t sum = 0;
  if (a.currency != b.currency || __builtin_add_overflow(a.amount, b.amount, &sum) ||
      too_large(sum)) {
    return std::nullopt;
  }
  return money{sum, a.currency};
}

std::optional<money> multiply(const money& price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price.amount, quantity, &product) || too_large(product)) {
    return std::nullopt;
  }
  return money{product, price.currency};
}

std::optional<int> currency_exponent(std::string_view currency) {
  return stoa::currency_decimals(currency);
}

std::string to_display(const money& m) {
  int exponent = currency_exponent(m.currency).value_or(2);
  std::string digits = std::to_string(m.amount);
  if (m.amount < 0) digits.erase(0, 1);
  if (exponent > 0) {
    auto width = static_cast<std::size_t>(exponent);
    if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
    digits.insert(digits.size() - width, 1, '.');
  }
  return (m.amount < 0 ? "-" : "") + digits + " " + m.currency;
}

}  // namespace stoa
