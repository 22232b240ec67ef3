#include "config/log_repeats.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::log {
namespace {

/// The fields that distinguish kinds of lines. Each has few values: names, never ids or addresses.
constexpr std::array<std::string_view, 8> identifying = {"service", "code",  "message", "actor",
                                                         "event",   "route", "effect",  "node"};
constexpr std::size_t kept_bytes_max = 1024;  // of a value that is kept for a summary
constexpr std::size_t key_bytes_max = 64;     // of an identifying value

}  // namespace

std::vector<field> repeat_filter::summary::fields() const {
  std::vector<field> all;
  all.reserve(values.size() + 1);
  for (const auto& [name, held] : values) {
    std::visit([&, &as = name](const auto& v) { all.push_back({as, v}); }, held);
  }
  all.push_back({"repeated", repeated});
  return all;
}

std::string repeat_filter::key_of(level l, std::string_view message,
                                  std::span<const field> f) const {
  std::string key(1, static_cast<char>('0' + static_cast<int>(l)));
  key += message;
  const std::size_t plain = key.size();
  for (const auto& one : f) {
    const auto* text = std::get_if<std::string_view>(&one.held.held());
    if (!text || std::ranges::find(identifying, one.name) == identifying.end()) continue;
    key += '\0';
    key += one.name;
    key += '=';
    key += text->substr(0, key_bytes_max);
  }
  if (kinds_.size() >= limits_.kinds_max && !kinds_.contains(key)) key.resize(plain);
  return key;
}

bool repeat_filter::admit(level l, std::string_view message, std::span<const field> f,
                          std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  auto& k = kinds_[key_of(l, message, f)];
  if (k.ends_us == 0) k.ends_us = now_us + limits_.interval_us;
  if (k.written < limits_.burst) {
    ++k.written;
    return true;
  }
  if (k.counted.repeated++ > 0) return false;
  k.counted.severity = l;
  k.counted.message = message;
  for (const auto& one : f) {
    auto& kept = k.counted.values.emplace_back(std::string(one.name), false);
    std::visit(
        [&](const auto& v) {
          if constexpr (std::same_as<std::decay_t<decltype(v)>, std::string_view>) {
            kept.second = std::string(v.substr(0, kept_bytes_max));
          } else {
            kept.second = v;
          }
        },
        one.held.held());
  }
  return false;
}

std::vector<repeat_filter::summary> repeat_filter::due(std::int64_t now_us) {
  std::vector<summary> all;
  const std::lock_guard lock(mutex_);
  for (auto it = kinds_.begin(); it != kinds_.end();) {
    auto& k = it->second;
    if (now_us < k.ends_us) {
      ++it;
    } else if (k.counted.repeated == 0) {
      it = kinds_.erase(it);
    } else {
      all.push_back(std::exchange(k.counted, {}));
      k.ends_us = now_us + limits_.interval_us;
      ++it;
    }
  }
  return all;
}

std::vector<repeat_filter::summary> repeat_filter::drain() {
  std::vector<summary> all;
  const std::lock_guard lock(mutex_);
  for (auto& [key, k] : kinds_) {
    if (k.counted.repeated > 0) all.push_back(std::move(k.counted));
  }
  kinds_.clear();
  return all;
}

bool repeat_filter::watches() const {
  const std::lock_guard lock(mutex_);
  return !kinds_.empty();
}

}  // namespace stoa::log
