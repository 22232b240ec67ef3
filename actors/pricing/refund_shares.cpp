#include "actors/pricing/refund_shares.hpp"

#include <algorithm>
#include <numeric>

namespace stoa::pricing {

namespace {

/// amount * part / whole, rounded down; the product may exceed 64 bits.
std::int64_t fraction(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  __extension__ using wide = __int128;
  return static_cast<std::int64_t>(static_cast<wide>(amount) * part / whole);
}

/// Divides the amount in proportion to the weights; equally if all are zero.
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

}  // namespace

paid_shares shares_of(const order_amounts& order) {
  const auto subtotal =
      std::accumulate(order.line_totals.begin(), order.line_totals.end(), std::int64_t{0});
  const auto goods = subtotal + order.adjustment_total;
  auto weights = divide(std::max<std::int64_t>(0, goods), order.line_totals);
  weights.push_back(
      std::max<std::int64_t>(0, order.shipping_total + std::min<std::int64_t>(0, goods)));
  auto shares = divide(order.total_amount, std::move(weights));
  const auto shipping = shares.back();
  shares.pop_back();
  return {std::move(shares), shipping};
}

std::int64_t share_of_units(std::int64_t paid, std::int64_t ordered, std::int64_t before,
                            std::int64_t units) {
  return fraction(paid, before + units, ordered) - fraction(paid, before, ordered);
}

}  // namespace stoa::pricing
