#include "storage/base/order_number.hpp"

namespace stoa {

namespace {

constexpr std::size_t digit_count = 12;
constexpr std::size_t group = 4;

}  // namespace

std::string order_number(order_id id) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  const auto& bytes = id.value.bytes;
  std::string number;
  for (std::size_t i = 0; i < digit_count; ++i) {
    const auto byte = bytes[bytes.size() - digit_count / 2 + i / 2];
    if (i > 0 && i % group == 0) number += '-';
    number += hex[i % 2 == 0 ? byte >> 4 : byte & 0x0F];
  }
  return number;
}

std::optional<std::string> order_number_digits(std::string_view text) {
  std::string number;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    const char upper = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    const bool is_digit = (upper >= '0' && upper <= '9') || (upper >= 'A' && upper <= 'F');
    if (!is_digit || number.size() == digit_count) return std::nullopt;
    number += upper;
  }
  if (number.size() != digit_count) return std::nullopt;
  return number;
}

}  // namespace stoa
