#include "net/routes/prefer.hpp"

#include "config/settings.hpp"
#include "net/http/field_list.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace stoa::front {

namespace {

constexpr std::int64_t wait_s_max = 3600;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// A token or a quoted string (RFC 9110, section 5.6.4).
std::optional<std::string> word(std::string_view text) {
  if (is_token(text)) return std::string(text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && ++i + 1 == text.size()) return std::nullopt;
    value += text[i];
  }
  return value;
}

std::optional<std::int64_t> seconds_in(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = !text.empty() && text.front() != '-' && end == text.data() + text.size();
  // A number with too many digits counts as the maximum.
  if (is_number && error == std::errc::result_out_of_range) return wait_s_max;
  if (!is_number || error != std::errc{}) return std::nullopt;
  return std::min(value, wait_s_max);
}

}  // namespace

std::map<std::string, std::string> parse_prefer(std::string_view value) {
  std::map<std::string, std::string> preferences;
  for (const auto one : http::split_list(value)) {
    const auto parts = http::split_list(one, ';');
    if (parts.empty() || one.front() == ';') continue;
    const auto equals = parts.front().find('=');
    const auto name = text::trim_blanks(parts.front().substr(0, equals));
    if (!is_token(name)) continue;
    std::optional<std::string> content{""};
    if (equals != one.npos) {
      const auto given = text::trim_blanks(parts.front().substr(equals + 1));
      if (!given.empty()) content = word(given);
    }
    if (!content) continue;
    std::string key(name);
    for (char& c : key) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    preferences.emplace(std::move(key), std::move(*content));
  }
  return preferences;
}

wait_preference wait_preference_of(const exchange& x) {
  const auto& config = x.shared->config->order;
  wait_preference wait;
  wait.time = milliseconds{config.checkout_wait_ms};
  const auto field = http::joined_fields(x.request->headers, "Prefer");
  if (!field) return wait;
  const auto preferences = parse_prefer(*field);
  const auto async = preferences.find("respond-async");
  const auto time = preferences.find("wait");
  if (async != preferences.end() && async->second.empty()) {
    wait.async = true;
    wait.applied_text = "respond-async";
  }
  const auto wanted = time == preferences.end() ? std::nullopt : seconds_in(time->second);
  if (wanted) {
    wait.async = false;
    wait.time = std::min(milliseconds{*wanted * 1000}, milliseconds{config.checkout_wait_ms_max});
    if (!wait.applied_text.empty()) wait.applied_text += ", ";
    wait.applied_text += "wait=" + std::to_string(wait.time.count() / 1000);
  }
  wait.applied = !wait.applied_text.empty();
  return wait;
}

}  // namespace stoa::front
