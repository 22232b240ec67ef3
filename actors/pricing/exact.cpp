#include "actors/pricing/exact.hpp"

#include <algorithm>
#include <numeric>

namespace stoa::pricing {

std::vector<std::int64_t> divide(std::int64_t amount, std::vector<std::int64_t> weights) {
  auto whole = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  if (whole == 0) {
    std::ranges::fill(weights, 1);
    whole = static_cast<std::int64_t>(weights.size());
  }
  std::int64_t sum = 0;
  for (auto& w : weights) {
    const auto before = fraction(amount, sum, whole);
    sum += w;
    w = fraction(amount, sum, whole) - before;
  }
  return weights;
}

}  // namespace stoa::pricing
