#pragma once
// The taxes of a basket. Pure.
//
// Of the rates of one priority that match the destination and a tax class, the one with the
// smallest area is charged, of equal ones the oldest. All priorities are charged, each on the
// amount without taxes: what discounts have left of a line, and of the costs of shipping. If prices
// include taxes, an amount G contains r / (1 + R) of it, where R is the sum of the rates.
//
// Rounding: half up, for each line and rate; or, by setting, once for each rate and tax class, and
// then divided among the lines in proportion to what is left of them.

#include "actors/pricing/basket.hpp"
#include "actors/pricing/rule_book.hpp"
#include "storage/base/price_part.hpp"

namespace stoa::pricing {

/// What is taxed, in minor units.
struct taxable {
  std::vector<std::int64_t> lines;  ///< in the order of the basket's lines
  std::int64_t shipping = 0;
  std::string shipping_class = std::string(standard_tax_class);
};

/// The parts of taxes; none without a destination, and those of 0 are left out. If prices include
/// them, they are of the kind included_tax; for an exempt customer they are one adjustment that
/// takes them off, and otherwise none.
std::vector<price_part> taxes_of(const basket& b, const taxable& amounts, const rule_book& rules);

/// For an exempt customer, included taxes become one adjustment that takes them off; other taxes
/// stay as they are.
std::vector<price_part> without_exempt(std::vector<price_part> taxes, const basket& b);

}  // namespace stoa::pricing
