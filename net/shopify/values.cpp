#include "net/shopify/values.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/money.hpp"
#include "storage/base/text.hpp"
#include "storage/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace stoa::shopify {

namespace {

constexpr std::size_t url_bytes_max = 2048;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

/// Splits "12.99" into its digits; false when it is not such a number.
bool split_decimal(std::string_view text, std::string_view& whole, std::string_view& fraction) {
  std::size_t point = text.find('.');
  whole = text.substr(0, point);
  fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  return all_digits(whole) && all_digits(fraction) && !(whole.empty() && fraction.empty());
}

}  // namespace

std::string_view trim(std::string_view text) {
  return text::without_white_ends(text);
}

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

std::string shortened(std::string_view text, std::size_t max) {
  std::size_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_utf8_continuation(text[at])) continue;
    if (seen++ == max) return std::string(text.substr(0, at)) + "...";
  }
  return std::string(text);
}

refusal parse_price(std::string_view text, int exponent, std::int64_t& minor_units) {
  std::string_view whole;
  std::string_view fraction;
  if (text.starts_with('-') && split_decimal(text.substr(1), whole, fraction)) {
    return "a price cannot be negative";
  }
  if (!split_decimal(text, whole, fraction)) return "not a price; use digits and a decimal point";
  std::size_t decimals = std::min(fraction.size(), static_cast<std::size_t>(exponent));
  if (fraction.find_first_not_of('0', decimals) != std::string_view::npos) {
    return "more decimals than the currency has";
  }
  std::string digits(whole);
  digits += fraction.substr(0, decimals);
  digits.append(static_cast<std::size_t>(exponent) - decimals, '0');
  std::int64_t value = 0;
  if (!digits.empty()) {
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || value > money_amount_max) return "the price is too large";
  }
  minor_units = value;
  return {};
}

std::string format_price(std::int64_t minor_units, int exponent) {
  std::string digits = std::to_string(minor_units);
  if (exponent == 0) return digits;
  auto decimals = static_cast<std::size_t>(exponent);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  return digits.insert(digits.size() - decimals, 1, '.');
}

refusal parse_integer(std::string_view text, std::int64_t& number) {
  std::int64_t value = 0;
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && point > 0 && point + 1 < text.size() &&
      text.find_first_not_of('0', point + 1) == std::string_view::npos) {
    text = text.substr(0, point);
  }
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return "the number is too large";
  if (error != std::errc{} || end != text.data() + text.size()) return "not a whole number";
  number = value;
  return {};
}

refusal parse_grams(std::string_view text, std::int64_t& grams) {
  std::string_view whole;
  std::string_view fraction;
  if (!split_decimal(text, whole, fraction)) return "not a weight; use digits and a decimal point";
  std::int64_t value = 0;
  if (!whole.empty()) {
    if (refusal why = parse_integer(whole, value); !why.empty()) return why;
  }
  if (value > grams_max) return "the weight is too large";
  if (!fraction.empty() && fraction.front() >= '5') ++value;
  grams = value;
  return {};
}

refusal parse_bool(std::string_view text, bool& value) {
  std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "1") {
    value = true;
  } else if (word == "false" || word == "no" || word == "0") {
    value = false;
  } else {
    return "must be true or false";
  }
  return {};
}

bool is_archived(std::string_view status) {
  return lower(trim(status)) == "archived";
}

refusal parse_status(std::string_view text, bool& visible) {
  const std::string word = lower(trim(text));
  if (word != "active" && word != "draft" && word != "archived" && word != "unlisted") {
    return "must be active, draft, archived or unlisted";
  }
  visible = word == "active";
  return {};
}

std::string web_url(std::string_view text) {
  std::string url = text.starts_with("//") ? "https:" : "";
  url += text;
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? host : url.find_first_of("/?#", host + 3);
  if (path == std::string::npos) return url;
  std::string made = url.substr(0, path);
  const auto is_hex = [&](std::size_t at) {
    return at < url.size() && std::isxdigit(static_cast<unsigned char>(url[at])) != 0;
  };
  bool in_fragment = false;
  for (std::size_t i = path; i < url.size(); ++i) {
    const char c = url[i];
    bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                   std::string_view("-._~:/?@!$&'()*+,;=").find(c) != std::string_view::npos ||
                   (c == '%' && is_hex(i + 1) && is_hex(i + 2)) || (c == '#' && !in_fragment);
    in_fragment = in_fragment || c == '#';
    if (allowed && static_cast<unsigned char>(c) < 0x80) {
      made += c;
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      (made += '%') += digits[byte >> 4U];
      made += digits[byte & 0xFU];
    }
  }
  return made;
}

refusal check_url(std::string_view url) {
  if (url.size() > url_bytes_max) return "the URL is longer than 2048 bytes";
  std::string start = lower(url.substr(0, 8));
  std::size_t host = start.starts_with("https://") ? 8 : start.starts_with("http://") ? 7 : 0;
  if (host == 0) return "not an http or https URL";
  if (host == url.size() || std::string_view("/?#:@").find(url[host]) != std::string_view::npos) {
    return "the URL has no host";
  }
  return json::has_form(url, json::format::uri) ? refusal{} : "the URL is invalid";
}

refusal check_line(std::string_view text, std::size_t max) {
  if (text::code_points(text) > max) return "the text is too long";
  if (!json::has_form(text, json::format::line)) {
    return text::is_blank(text) ? "no visible character"
                                : "contains a control character or a line break";
  }
  return {};
}

bool is_weight_unit(std::string_view text) {
  constexpr std::array<std::string_view, 5> units{"", "g", "kg", "lb", "oz"};
  return std::find(units.begin(), units.end(), text) != units.end();
}

bool is_cell_line(std::string_view text, std::size_t max) {
  return !text::is_blank(text) && trim(text) == text && check_line(text, max).empty();
}

std::string without_control(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto control = control_size(text.substr(i));
    if (control == 0 || c == '\n' || c == '\r' || c == '\t') {
      made += c;
    } else {
      i += control - 1;
    }
  }
  return made;
}

refusal parse_tags(std::string_view text, std::vector<std::string>& tags) {
  std::vector<std::string> found;
  while (!text.empty()) {
    std::size_t comma = text.find(',');
    std::string_view tag = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    if (tag.empty()) continue;
    if (refusal why = check_line(tag, name_length_max); !why.empty()) return why;
    if (std::find(found.begin(), found.end(), tag) != found.end()) continue;
    if (found.size() == tags_max) return "more than 250 tags";
    found.emplace_back(tag);
  }
  tags = std::move(found);
  return {};
}

}  // namespace stoa::shopify
