#pragma once
// The generic cell rate algorithm (GCRA; ITU-T I.371, annex A): a token bucket whose state is a
// single point in time. Pure arithmetic, in nanoseconds of a monotonic clock.

#include <algorithm>
#include <cstdint>

namespace stoa::front {

inline constexpr std::int64_t second_ns = 1'000'000'000;

/// `burst` requests at once, and one more after each interval.
struct rate_limit {
  std::int64_t interval_ns = 0;  ///< above 0
  std::int64_t burst = 1;        ///< at least 1

  /// The time without requests after which the whole burst is available again.
  constexpr std::int64_t window_ns() const { return interval_ns * burst; }
};

/// Longest time for a burst to become available again: three years. Sums of times cannot overflow.
inline constexpr std::int64_t window_ns_max = 100'000'000 * second_ns;

/// `count` requests within `period_ns`, of which `burst` may come at once; fewer when the burst
/// would take longer than window_ns_max to become available again.
constexpr rate_limit limit_of(std::int64_t count, std::int64_t period_ns, std::int64_t burst) {
  const auto interval_ns = std::max<std::int64_t>(1, period_ns / count);
  return {interval_ns, std::clamp<std::int64_t>(burst, 1, window_ns_max / interval_ns)};
}

struct rate_verdict {
  bool allowed = true;
  std::int64_t remaining = 0;       ///< requests that would be allowed now, after this one
  std::int64_t full_after_ns = 0;   ///< until the whole burst is available again
  std::int64_t retry_after_ns = 0;  ///< until a request is allowed; 0 when this one was
};

/// Takes one request from the client whose theoretical arrival time is `until_ns` (0 for an unknown
/// client). A rejected request changes nothing.
constexpr rate_verdict spend(const rate_limit& limit, std::int64_t& until_ns, std::int64_t now_ns) {
  const auto begin = std::max(until_ns, now_ns);
  const auto next = begin + limit.interval_ns;
  const auto allowed_at = next - limit.window_ns();
  if (allowed_at > now_ns) return {false, 0, begin - now_ns, allowed_at - now_ns};
  until_ns = next;
  return {true, (now_ns - allowed_at) / limit.interval_ns, next - now_ns, 0};
}

/// Refunds a request that was allowed but not executed.
constexpr void refund(const rate_limit& limit, std::int64_t& until_ns) {
  until_ns = std::max<std::int64_t>(0, until_ns - limit.interval_ns);
}

}  // namespace stoa::front
