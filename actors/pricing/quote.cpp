#include "actors/pricing/quote.hpp"

namespace stoa::pricing {

namespace {

problem too_large() {
  return {problem_kind::validation,
          "total_too_large",
          "The total exceeds the maximum of an order.",
          {}};
}

problem invalid(std::string detail) {
  return {problem_kind::validation, "invalid_quote", std::move(detail), {}};
}

money& total_of(quote& q, price_part_kind kind) {
  if (kind == price_part_kind::shipping) return q.shipping_total;
  return kind == price_part_kind::tax ? q.tax_total : q.adjustment_total;
}

/// Adds to the sum; false when it becomes too large.
bool add_to(money& sum, const money& amount) {
  auto more = add(sum, amount);
  if (!more) return false;
  sum = std::move(*more);
  return true;
}

}  // namespace

std::optional<money> line_total(const priced_line& line) {
  return multiply(line.unit_price, line.quantity);
}

result<quote> quote_of(const std::vector<priced_line>& lines, const quote_context& context) {
  const money zero{0, context.currency};
  quote q{{}, zero, zero, zero, zero, zero, context.parts};
  q.line_totals.reserve(lines.size());
  for (const auto& line : lines) {
    if (line.unit_price.currency != context.currency) {
      return invalid("A price is in " + line.unit_price.currency + ", not in " + context.currency +
                     ".");
    }
    if (line.unit_price.amount < 0) return invalid("A price is below zero.");
    if (line.quantity < 1) return invalid("A quantity is below 1.");
    auto total = line_total(line);
    if (!total || !add_to(q.subtotal, *total)) return too_large();
    q.line_totals.push_back(std::move(*total));
  }
  for (const auto& part : context.parts) {
    if (part.amount.currency != context.currency) {
      return invalid(part.code + " is in " + part.amount.currency + ", not in " + context.currency +
                     ".");
    }
    if (!add_to(total_of(q, part.kind), part.amount)) return too_large();
  }
  q.total_amount = q.subtotal;
  for (const auto* total : {&q.adjustment_total, &q.shipping_total, &q.tax_total}) {
    if (!add_to(q.total_amount, *total)) return too_large();
  }
  if (q.total_amount.amount < 0) return invalid("The total is below zero.");
  return q;
}

std::optional<problem> check_quote(const quote& q, const std::vector<priced_line>& lines) {
  const auto right = quote_of(lines, {q.total_amount.currency, q.price_parts});
  if (!right) return right.error();
  if (*right == q) return std::nullopt;
  auto p = invalid("The parts of the quote do not add up to its total.");
  p.errors.push_back({"/quote", "value", "the total is " + to_display(right->total_amount)});
  return p;
}

}  // namespace stoa::pricing
