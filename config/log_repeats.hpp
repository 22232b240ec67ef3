#pragma once
// Repeated log lines are counted in place of being written. Internal to config/log.

#include "config/log.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::log {

/// Decides which lines of warnings and errors are written. Lines are of one kind when level,
/// message and the identifying fields are the same. The first `burst` lines of a kind are written,
/// the following ones are counted, and at the end of each interval with counted lines due() returns
/// one line that stands for them. After an interval without any, the kind starts afresh.
/// Thread-safe. Times are microseconds of a clock that never goes back.
class repeat_filter {
 public:
  struct limits {
    std::size_t burst = 5;
    std::int64_t interval_us = 10'000'000;
    /// Kinds that are distinguished by their fields; further ones only by their message.
    std::size_t kinds_max = 256;
  };
  /// A line that stands for counted ones: the first of them, with their number.
  struct summary {
    level severity = level::warn;
    std::string message;
    std::vector<std::pair<std::string,
                          std::variant<bool, std::int64_t, std::uint64_t, double, std::string>>>
        values;
    std::uint64_t repeated = 0;

    /// The line's fields, and "repeated" behind them. They refer to this summary.
    std::vector<field> fields() const;
  };

  explicit repeat_filter(limits l) : limits_(l) {}

  /// True when the line is to be written now; false when it has been counted.
  bool admit(level l, std::string_view message, std::span<const field> f, std::int64_t now_us);
  /// The summaries of the intervals that are over; forgets kinds that are quiet.
  std::vector<summary> due(std::int64_t now_us);
  /// All that was counted and not reported yet, for the end of the log.
  std::vector<summary> drain();
  /// True when there is anything that due() will have to look at.
  bool watches() const;

 private:
  struct kind {
    std::int64_t ends_us = 0;  ///< of the interval
    std::size_t written = 0;
    summary counted;
  };

  std::string key_of(level l, std::string_view message, std::span<const field> f) const;

  const limits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, kind, std::less<>> kinds_;
};

}  // namespace stoa::log
