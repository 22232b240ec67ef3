#pragma once
// How long to wait before the next attempt.

#include "storage/base/time.hpp"

#include <algorithm>

namespace stoa::kernel {

/// `shortest` after the first failure, twice as long after each further one, at most `longest`.
inline microseconds backoff(std::int64_t failures, microseconds shortest, microseconds longest) {
  microseconds wait = shortest;
  for (std::int64_t i = 1; i < failures && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

}  // namespace stoa::kernel
