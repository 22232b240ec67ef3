#pragma once
// A limit on the messages that a node sends to a provider in a second.

#include "storage/base/time.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace stoa::notification {

/// A token bucket: up to a second's messages at once, then `per_s`. Thread-safe.
class rate_bucket {
 public:
  /// `per_s` is positive.
  explicit rate_bucket(std::int64_t per_s) : per_s_(per_s), tokens_us_(per_s * second_us) {}

  /// Whether a message may be sent now; it is counted then.
  bool take(timestamp now);

 private:
  static constexpr std::int64_t second_us = 1'000'000;

  const std::int64_t per_s_;
  std::mutex mutex_;
  /// A message costs second_us; each microsecond adds per_s_.
  std::int64_t tokens_us_;
  std::optional<timestamp> last_;
};

/// Null for 0: no limit.
std::shared_ptr<rate_bucket> bucket_of(std::int64_t per_s);

}  // namespace stoa::notification
