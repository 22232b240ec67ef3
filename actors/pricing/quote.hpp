#pragma once
// Pricing: computes an itemised quote from lines and their context. Pure. All prices of carts and
// orders are added up here and nowhere else.
//
// Amounts are integers in minor units, and every step is checked against money_amount_max.
// Rounding: no step divides, so nothing is rounded; the amounts of price_parts are whole minor
// units (discounts.hpp has the rounding of discounts).

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

/// The inputs of a quote besides the lines.
struct quote_context {
  std::string currency;           ///< ISO 4217, of all amounts
  std::vector<price_part> parts;  ///< adjustments, shipping and taxes, in any order
};

/// subtotal = the sum of line_totals; each total of a kind = the sum of its price_parts; included
/// taxes are in none of them;
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

/// The sum of the included taxes; empty without such parts.
std::optional<money> included_taxes(const std::vector<price_part>& parts);

/// Empty when it exceeds money_amount_max.
std::optional<money> line_total(const priced_line& line);

/// Why a quote cannot contain the line: 422 invalid_quote for a price in another currency or below
/// zero, and for a quantity below 1; 422 total_too_large when its total exceeds money_amount_max.
/// `errors` is empty.
std::optional<problem> check_line(const priced_line& line, const std::string& currency);

/// Errors: those of check_line(), in `errors` with the line as "/lines/N"; 422 total_too_large when
/// another amount exceeds money_amount_max; 422 invalid_quote for a part in another currency, for
/// shares that do not add up to their part or reduce a line below zero, and for a total below zero.
result<quote> quote_of(const std::vector<priced_line>& lines, const quote_context& context);

/// Checks a quote of these lines from an untrusted source: the errors of quote_of(), and 422
/// invalid_quote when it does not add up. Empty: it equals the result of quote_of().
std::optional<problem> check_quote(const quote& q, const std::vector<priced_line>& lines);

}  // namespace stoa::pricing
