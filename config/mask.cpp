#include "config/mask.hpp"

#include "config/log.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace stoa::log {
namespace {

constexpr std::size_t card_digits_min = 13;
constexpr std::size_t card_digits_max = 19;
constexpr std::size_t uuid_size = 36;
constexpr std::size_t trace_id_size = 32;

constexpr std::array<std::string_view, 13> secret_words = {
    "password", "passwords", "passwd", "token",        "tokens", "authorization", "card",
    "cvc",      "cvv",       "secret", "authenticate", "cookie", "credentials"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Luhn's check (ISO/IEC 7812-1, annex B) over a run of digits.
bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool is_doubled = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, is_doubled = !is_doubled) {
    int digit = *at - '0';
    if (is_doubled) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool has_card_window(std::string_view digits) {
  if (digits.size() < card_digits_min) return false;
  if (digits.size() <= card_digits_max) return passes_luhn(digits);
  for (std::size_t size = card_digits_min; size <= card_digits_max; ++size) {
    for (std::size_t at = 0; at + size <= digits.size(); ++at) {
      if (passes_luhn(digits.substr(at, size))) return true;
    }
  }
  return false;
}

/// Bytes of the UUID or the 32-digit hexadecimal trace id that the text starts with, else 0. Their
/// random digits would pass for a card number now and then.
std::size_t identifier_size(std::string_view text) {
  std::size_t hex = 0;
  bool has_letter = false;
  for (; hex < text.size() && is_hex(text[hex]); ++hex)
    has_letter = has_letter || !is_digit(text[hex]);
  if (hex == trace_id_size && has_letter && (text.size() == hex || !is_word(text[hex]))) return hex;
  if (hex != 8 || text.size() < uuid_size) return 0;
  if (text.size() > uuid_size && is_word(text[uuid_size])) return 0;
  for (std::size_t i = 0; i < uuid_size; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hex(text[i])) return 0;
  }
  return uuid_size;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string word;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && is_word(name[i])) {
      word += lower(name[i]);
      continue;
    }
    if (std::ranges::find(secret_words, word) != secret_words.end()) return true;
    word.clear();
  }
  return false;
}

bool is_card_number(unsigned long long number) {
  if (number < 1'000'000'000'000ULL) return false;
  const std::string digits = std::to_string(number);
  return digits.front() >= '2' && digits.front() <= '6' && digits.size() >= card_digits_min &&
         digits.size() <= card_digits_max && passes_luhn(digits);
}

bool holds_card_number(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size();) {
    const bool at_word_start = is_hex(text[i]) && (i == 0 || !is_word(text[i - 1]));
    if (const auto size = at_word_start ? identifier_size(text.substr(i)) : 0; size > 0) {
      if (has_card_window(digits)) return true;
      digits.clear();
      i += size;
      continue;
    }
    if (is_digit(text[i])) {
      digits += text[i++];
      continue;
    }
    const bool joins = (text[i] == ' ' || text[i] == '-') && i + 1 < text.size() &&
                       is_digit(text[i + 1]) && !digits.empty();
    if (!joins) {
      if (has_card_window(digits)) return true;
      digits.clear();
    }
    ++i;
  }
  return has_card_window(digits);
}

}  // namespace stoa::log
