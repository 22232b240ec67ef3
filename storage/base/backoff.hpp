#pragma once
// Delays between attempts.

#include "storage/base/time.hpp"

#include <algorithm>

namespace stoa {

/// Exponential backoff: `shortest` after the first failure, doubled after each further one, at most
/// `longest`.
template <class Duration>
constexpr Duration backoff(std::int64_t failures, Duration shortest, Duration longest) {
  Duration wait = shortest;
  for (std::int64_t i = 1; i < failures && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

/// The latest valid due time of an attempt that was delayed at `now` by at most `longest`. A later
/// stored time came from a clock that was ahead and is ignored.
timestamp latest_due(timestamp now, microseconds longest);

/// Whether the time was stored by a clock that was ahead.
inline bool is_from_fast_clock(timestamp stored, timestamp now) {
  return stored > latest_due(now, microseconds{0});
}

}  // namespace stoa
