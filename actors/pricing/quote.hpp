#pragma once
// Pricing: lines and their context in, an itemised quote out. Pure. All prices of carts and orders
// are added up here and nowhere else.
//
// Amounts are integers of minor units, and every step is checked against money_amount_max.
// Rounding: no step divides, so nothing is rounded; a price_part comes in whole minor units from
// the rule that it names.

#include "storage/base/price_part.hpp"
#include "storage/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::pricing {

struct priced_line {
  money unit_price;
  std::int64_t quantity = 0;
};

/// What the price depends on beside the lines.
struct quote_context {
  std::string currency;           ///< ISO 4217, of all amounts
  std::vector<price_part> parts;  ///< adjustments, shipping and taxes, in any order
};

/// subtotal = the sum of line_totals; each total of a kind = the sum of its price_parts;
/// total_amount = subtotal + adjustment_total + shipping_total + tax_total.
struct quote {
  std::vector<money> line_totals;  ///< unit price times quantity, in the order of the lines
  money subtotal;
  money adjustment_total;
  money shipping_total;
  money tax_total;
  money total_amount;
  std::vector<price_part> price_parts;

  bool operator==(const quote&) const = default;
};
BOOST_DESCRIBE_STRUCT(quote, (),
                      (line_totals, subtotal, adjustment_total, shipping_total, tax_total,
                       total_amount, price_parts))

/// Nothing beyond what an order may cost.
std::optional<money> line_total(const priced_line& line);

/// Refused: 422 total_too_large when an amount passes money_amount_max; 422 invalid_quote for an
/// amount of another currency, a quantity below 1, a price below zero or a total below zero.
result<quote> quote_of(const std::vector<priced_line>& lines, const quote_context& context);

/// What is wrong with a quote of these lines that came from elsewhere: the refusals of quote_of(),
/// and 422 invalid_quote when it does not add up. Nothing: it is what quote_of() makes of them.
std::optional<problem> check_quote(const quote& q, const std::vector<priced_line>& lines);

}  // namespace stoa::pricing
