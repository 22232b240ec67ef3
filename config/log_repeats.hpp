#pragma once
// Suppression of repeated log lines. Internal to config/log.

#include "config/log.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::log {

/// Decides which lines of warnings and errors are written. Lines with equal level, message and
/// identifying fields are of one kind. The first `burst` lines of a kind are written, the following
/// ones are counted. At the end of each interval with counted lines, due() returns one summary.
/// After an interval without any, the kind is reset. Thread-safe. Times are microseconds of a
/// monotonic clock.
class repeat_filter {
 public:
  struct limits {
    std::size_t burst = 5;
    std::int64_t interval_us = 10'000'000;
    /// Kinds distinguished by their fields; further ones only by their message.
    std::size_t kinds_max = 256;
  };
  /// A summary of counted lines: the first of them and their number.
  struct summary {
    level severity = level::warn;
    std::string message;
    std::vector<std::pair<std::string,
                          std::variant<bool, std::int64_t, std::uint64_t, double, std::string>>>
        values;
    std::uint64_t repeated = 0;

    /// The line's fields, followed by "repeated". They refer to this summary.
    std::vector<field> fields() const;
  };

  explicit repeat_filter(limits l) : limits_(l) {}

  /// True if the line is to be written now; false if it was counted.
  bool admit(level l, std::string_view message, std::span<const field> f, std::int64_t now_us);
  /// The summaries of the intervals that have ended. Removes kinds without lines.
  std::vector<summary> due(std::int64_t now_us);
  /// The summaries of all counted lines not reported yet, for shutdown.
  std::vector<summary> drain();
  /// True if due() may return summaries later.
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
