#pragma once
// How long to wait before the next attempt.

#include "storage/base/time.hpp"

#include <algorithm>

namespace stoa {

/// `shortest` after the first failure, twice as long after each further one, at most `longest`.
template <class Duration>
constexpr Duration backoff(std::int64_t failures, Duration shortest, Duration longest) {
  Duration wait = shortest;
  for (std::int64_t i = 1; i < failures && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

/// What was put off at `now`, for `longest` at most, is not due later. A later time was stored by a
/// clock that was ahead: then it does not count, or one wrong hour would last for an hour.
timestamp latest_due(timestamp now, microseconds longest);

/// Whether that time was stored by a clock that was ahead.
inline bool is_foreign(timestamp stored, timestamp now) {
  return stored > latest_due(now, microseconds{0});
}

}  // namespace stoa
