#pragma once
// Timestamps and clocks.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Microseconds since 1970-01-01T00:00:00Z.
struct timestamp {
  std::int64_t us = 0;

  auto operator<=>(const timestamp&) const = default;
  timestamp operator+(microseconds d) const { return {us + d.count()}; }
  timestamp operator-(microseconds d) const { return {us - d.count()}; }
  microseconds operator-(timestamp other) const { return microseconds{us - other.us}; }

  /// RFC 3339, UTC, six decimals: 2026-11-22T19:57:59.123456Z. For the years 0 to 9999, the range
  /// of RFC 3339.
  std::string str() const;
  /// RFC 3339 with any offset; decimals after the sixth are truncated. Empty for an invalid date
  /// and for a leap second, which a count of microseconds cannot represent.
  static std::optional<timestamp> parse(std::string_view text);
};

/// A clock is injected to make deadlines testable.
class clock {
 public:
  virtual ~clock() = default;
  virtual timestamp now() const = 0;
};

/// The machine's clock.
const clock& system_time();
/// Replaces the machine's clock; null: restores it. For replaced_clocks (service_clock.hpp).
void replace_system_time(const clock* by);

/// A clock that is set by the caller, for tests.
class manual_clock final : public clock {
 public:
  explicit manual_clock(timestamp start) : now_(start) {}
  timestamp now() const override { return now_; }
  void advance(microseconds by) { now_ = now_ + by; }
  void set(timestamp to) { now_ = to; }

 private:
  timestamp now_;
};

}  // namespace stoa
