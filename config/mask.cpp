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
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
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

constexpr std::string_view mask = "****";
constexpr std::string_view url_mark = "://";
constexpr std::array<std::string_view, 5> secret_parameters = {"pass", "pwd", "token", "secret",
                                                               "credential"};

int hex_value(char c) {
  return is_digit(c) ? c - '0' : lower(c) - 'a' + 10;
}

/// True when the parameter's name, which may be percent-encoded (RFC 3986, 2.1), tells of a secret.
bool is_secret_parameter(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size() && is_hex(name[i + 1]) && is_hex(name[i + 2])) {
      plain += lower(static_cast<char>(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2])));
      i += 2;
    } else {
      plain += lower(name[i]);
    }
  }
  return std::ranges::any_of(secret_parameters, [&](std::string_view word) {
    return plain.find(word) != std::string::npos;
  });
}

/// Masks the values of secret parameters: name=value, parted by '&' or blanks; a value may stand in
/// quotes, as in libpq's connection strings.
std::string without_parameters(std::string_view text) {
  std::string out;
  std::size_t name_at = 0;  // in `text`
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '&' || text[i] == '?' || is_blank(text[i])) name_at = i + 1;
    if (text[i] != '=' || !is_secret_parameter(text.substr(name_at, i - name_at))) continue;
    const bool is_quoted = i + 1 < text.size() && text[i + 1] == '\'';
    std::size_t end = i + (is_quoted ? 2 : 1);
    const auto ends = [&](char c) { return is_quoted ? c == '\'' : c == '&' || is_blank(c); };
    while (end < text.size() && !ends(text[end])) ++end;
    if (is_quoted && end < text.size()) ++end;
    if (end > i + 1) out += mask;
    i = end - 1;
  }
  return out;
}

/// Masks the credentials of the one URL, or list of URLs, that the text is.
std::string without_userinfo(std::string_view text) {
  const auto mark = text.find(url_mark);
  const auto begin = mark == std::string_view::npos ? 0 : mark + url_mark.size();
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at <= begin) return std::string(text);
  auto from = text.find(':', begin);
  if (from < at) {
    ++from;
  } else {
    // A user's name alone, or a token in its place.
    const bool is_name = mark == std::string_view::npos || text.substr(0, mark) == "postgres" ||
                         text.substr(0, mark) == "postgresql";
    if (is_name) return std::string(text);
    from = begin;
  }
  return std::string(text.substr(0, from)).append(mask).append(text.substr(at));
}

}  // namespace

std::string masked_urls(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto mark = text.find(url_mark);
    if (mark == std::string_view::npos) break;
    std::size_t begin = mark;
    while (begin > 0 && is_word(text[begin - 1])) --begin;
    auto end = text.find_first_of(" \t\r\n\"'<>", mark);
    if (end == std::string_view::npos) end = text.size();
    out += text.substr(0, begin);
    out += without_parameters(without_userinfo(text.substr(begin, end - begin)));
    text.remove_prefix(end);
  }
  return out.append(text);
}

std::string masked_setting(std::string_view value) {
  return without_parameters(without_userinfo(value));
}

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
