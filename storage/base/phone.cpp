#include "storage/base/phone.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace stoa {

namespace {

bool is_phone_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Removes an extension at the end: "ext. 12", "ext 12", "x12", "#12" with 1 to 7 digits.
std::string_view without_extension(std::string_view number) {
  auto rest = number;
  while (!rest.empty() && is_phone_digit(rest.back())) rest.remove_suffix(1);
  const auto digits = number.size() - rest.size();
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  if (digits == 0 || digits > 7) return number;
  for (const std::string_view word : {"ext.", "ext", "x", "#"}) {
    const auto begin = rest.size() - std::min(word.size(), rest.size());
    if (text::fold(rest.substr(begin)) == word) return rest.substr(0, begin);
  }
  return number;
}

bool is_dash(utf8proc_int32_t code) {
  return (code >= 0x2010 && code <= 0x2015) || code == 0x2212;
}

/// Replaces Unicode spaces and dashes by ASCII; keeps invalid UTF-8.
std::string with_ascii_separators(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (length <= 0) return out.append(text);
    const auto bytes = static_cast<std::size_t>(length);
    if (utf8proc_category(code) == UTF8PROC_CATEGORY_ZS) {
      out.push_back(' ');
    } else if (is_dash(code)) {
      out.push_back('-');
    } else {
      out.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace

std::string normal_phone(std::string_view text) {
  constexpr std::string_view parameter = ";ext=";
  auto out = with_ascii_separators(text::without_white_ends(text));
  const auto at = out.rfind(';');
  if (at != std::string::npos && text::fold(out.substr(at, parameter.size())) == parameter) {
    out.replace(at, parameter.size(), " ext. ");
  }
  return out;
}

bool is_phone(std::string_view text) {
  constexpr std::size_t length_max = 40;
  constexpr std::size_t digits_min = 5;
  constexpr std::size_t digits_max = 20;  // 15 (E.164), 00 for +, (0) before an area code
  if (text.empty()) return true;
  if (text.size() > length_max) return false;
  auto number = without_extension(text);
  if (number.starts_with('+')) number.remove_prefix(1);
  std::size_t digits = 0;
  for (char c : number) {
    if (is_phone_digit(c)) {
      ++digits;
    } else if (std::string_view(" -()./").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digits >= digits_min && digits <= digits_max;
}

std::optional<std::string> e164_of(std::string_view text) {
  constexpr std::size_t digits_min = 8;
  constexpr std::size_t digits_max = 15;
  constexpr std::string_view trunk_prefix = "(0)";  // not dialled after the country code
  auto number = normal_phone(text);
  if (!is_phone(number) || without_extension(number).size() != number.size()) return std::nullopt;
  if (number.starts_with("00")) number.replace(0, 2, "+");
  if (!number.starts_with('+')) return std::nullopt;
  if (const auto at = number.find(trunk_prefix); at != std::string::npos) {
    number.erase(at, trunk_prefix.size());
  }
  std::string out = "+";
  std::ranges::copy_if(number, std::back_inserter(out), is_phone_digit);
  const auto digits = out.size() - 1;
  if (digits < digits_min || digits > digits_max || out[1] == '0') return std::nullopt;
  return out;
}

}  // namespace stoa
