#include "actors/pricing/refund_shares.hpp"

#include "actors/pricing/exact.hpp"

#include <algorithm>
#include <numeric>

namespace stoa::pricing {

order_amounts amounts_of(std::vector<std::int64_t> line_totals,
                         const std::vector<price_part>& parts, std::int64_t total_amount) {
  order_amounts a{std::move(line_totals), 0, 0, total_amount};
  a.line_adjustments.assign(a.line_totals.size(), 0);
  for (const auto& part : parts) {
    if (part.kind == price_part_kind::shipping) a.shipping_total += part.amount.amount;
    const bool is_tax = part.kind == price_part_kind::tax && part.lines;
    if (part.kind != price_part_kind::adjustment && !is_tax) continue;
    const auto of_shipping = part.shipping_amount.value_or(0);
    a.shipping_total += of_shipping;
    a.adjustment_total += part.amount.amount - of_shipping;
    if (!part.lines) continue;
    for (const auto& share : *part.lines) {
      a.line_adjustments.at(static_cast<std::size_t>(share.line)) += share.amount;
    }
  }
  return a;
}

paid_shares shares_of(const order_amounts& order) {
  auto left = order.line_totals;
  auto undivided = order.adjustment_total;
  for (std::size_t i = 0; i < order.line_adjustments.size(); ++i) {
    left.at(i) += order.line_adjustments[i];
    undivided -= order.line_adjustments[i];
  }
  const auto goods = std::accumulate(left.begin(), left.end(), undivided);
  auto weights = divide(std::max<std::int64_t>(0, goods), std::move(left));
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
