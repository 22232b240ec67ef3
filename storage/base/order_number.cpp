#include "storage/base/order_number.hpp"

#include <utf8proc.h>

namespace stoa {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t base = alphabet.size();
constexpr std::size_t number_length = 10;  ///< with the check digit
constexpr std::size_t group = 5;
constexpr std::size_t bits_per_digit = 5;

/// The sum is a multiple of the base if the check digit is correct.
std::size_t luhn_sum(std::string_view number) {
  std::size_t sum = 0;
  bool twice = false;
  for (auto at = number.rbegin(); at != number.rend(); ++at, twice = !twice) {
    const auto value = alphabet.find(*at) * (twice ? 2 : 1);
    sum += value / base + value % base;
  }
  return sum;
}

/// Full-width forms as their ASCII characters; word processors and some keyboards produce them.
utf8proc_int32_t half_width(utf8proc_int32_t code) {
  constexpr utf8proc_int32_t first = 0xFF01;  // U+FF01 to U+FF5E stand for '!' to '~'.
  constexpr utf8proc_int32_t last = 0xFF5E;
  return code >= first && code <= last ? code - first + '!' : code;
}

/// A space or a dash of any kind, which may be anywhere in a number.
bool is_separator(utf8proc_int32_t code) {
  constexpr utf8proc_int32_t minus_sign = 0x2212;
  const auto category = utf8proc_category(code);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_PD || code == minus_sign;
}

/// The normalised digit; 0 if the character is not a digit.
char digit_of(utf8proc_int32_t code) {
  if (code > 'z') return '\0';
  const auto c = static_cast<char>(code);
  const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (upper == 'O') return '0';
  if (upper == 'I' || upper == 'L') return '1';
  return alphabet.find(upper) == alphabet.npos ? '\0' : upper;
}

}  // namespace

std::string order_number_of(order_id id) {
  std::uint64_t bits = 0;
  for (std::size_t i = 8; i < id.value.bytes.size(); ++i) bits = bits << 8 | id.value.bytes[i];
  std::string number(number_length, alphabet[0]);
  for (std::size_t i = 0; i + 1 < number_length; ++i) {
    number[number_length - 2 - i] = alphabet[(bits >> (bits_per_digit * i)) % base];
  }
  number.back() = alphabet[(base - luhn_sum(number) % base) % base];
  return number;
}

std::string to_display_number(std::string_view order_number) {
  std::string text;
  for (std::size_t i = 0; i < order_number.size(); ++i) {
    if (i > 0 && i % group == 0) text += '-';
    text += order_number[i];
  }
  return text;
}

std::optional<std::string> parse_order_number(std::string_view text) {
  std::string number;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0) return std::nullopt;
    at += length;
    left -= length;
    code = half_width(code);
    if (is_separator(code)) continue;
    const char digit = digit_of(code);
    if (digit == '\0' || number.size() == number_length) return std::nullopt;
    number += digit;
  }
  if (number.size() != number_length || luhn_sum(number) % base != 0) return std::nullopt;
  return number;
}

}  // namespace stoa
