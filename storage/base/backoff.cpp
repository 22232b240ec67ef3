#include "storage/base/backoff.hpp"

#include "storage/base/fault.hpp"

#include <limits>

namespace stoa {

timestamp latest_due(timestamp now, microseconds longest) {
  if (fault("trust_foreign_due")) return {std::numeric_limits<std::int64_t>::max()};
  constexpr seconds corrections_max{1};  // of the estimated database clock
  return now + longest + corrections_max;
}

}  // namespace stoa
