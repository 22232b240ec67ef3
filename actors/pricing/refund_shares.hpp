#pragma once
// What was paid for each part of an order, for refunds of parts. Pure.
//
// The shares of adjustments and taxes belong to their lines and to shipping. Other adjustments are
// divided among the lines in proportion to what is left of them; one that exceeds the lines reduces
// shipping. The total, undivided taxes included, is then divided among the lines and shipping in
// proportion to these amounts. Amounts are minor units. The shares are rounded so that they add up
// to the total exactly.

#include "storage/base/price_part.hpp"

#include <cstdint>
#include <vector>

namespace stoa::pricing {

struct order_amounts {
  std::vector<std::int64_t> line_totals;  ///< not below zero
  std::int64_t adjustment_total = 0;
  std::int64_t shipping_total = 0;
  std::int64_t total_amount = 0;  ///< not below zero
  /// The shares of adjustment_total that belong to lines, in the order of line_totals; none: empty.
  std::vector<std::int64_t> line_adjustments = {};
};

/// The amounts of an order with these parts; divided taxes count as adjustments.
order_amounts amounts_of(std::vector<std::int64_t> line_totals,
                         const std::vector<price_part>& parts, std::int64_t total_amount);

struct paid_shares {
  std::vector<std::int64_t> lines;  ///< in the order of line_totals
  std::int64_t shipping = 0;
  bool operator==(const paid_shares&) const = default;
};

/// The shares of total_amount; none is below zero.
paid_shares shares_of(const order_amounts& order);

/// The part of `paid`, the share of `ordered` units, for `units` of them after `before` of them
/// were refunded. The parts of all units add up to `paid`.
std::int64_t share_of_units(std::int64_t paid, std::int64_t ordered, std::int64_t before,
                            std::int64_t units);

}  // namespace stoa::pricing
