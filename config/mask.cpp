#include "config/mask.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace stoa::log {
namespace {

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

constexpr std::string_view mask = "****";
constexpr std::string_view url_mark = "://";
constexpr std::array<std::string_view, 5> secret_parameters = {"pass", "pwd", "token", "secret",
                                                               "credential"};

int hex_value(char c) {
  return is_digit(c) ? c - '0' : lower(c) - 'a' + 10;
}

/// True if the parameter's name, which may be percent-encoded (RFC 3986, 2.1), denotes a secret.
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

/// Masks the values of secret parameters: name=value, separated by '&' or blanks; a value may be
/// quoted, as in libpq's connection strings.
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

/// Masks the credentials in a URL or list of URLs.
std::string without_userinfo(std::string_view text) {
  const auto mark = text.find(url_mark);
  const auto begin = mark == std::string_view::npos ? 0 : mark + url_mark.size();
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at <= begin) return std::string(text);
  auto from = text.find(':', begin);
  if (from < at) {
    ++from;
  } else {
    // Only a user name, or a token in its place.
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

}  // namespace stoa::log
