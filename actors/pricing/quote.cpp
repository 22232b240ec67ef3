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

std::optional<problem> check_line(const priced_line& line, const std::string& currency) {
  if (line.unit_price.currency != currency) {
    return invalid("The price is in " + line.unit_price.currency + ", not in " + currency + ".");
  }
  if (line.unit_price.amount < 0) return invalid("The price is below zero.");
  if (line.quantity < 1) return invalid("The quantity is below 1.");
  if (!line_total(line)) return too_large();
  return std::nullopt;
}

result<quote> quote_of(const std::vector<priced_line>& lines, const quote_context& context) {
  const money zero{0, context.currency};
  quote q{{}, zero, zero, zero, zero, zero, context.parts};
  q.line_totals.reserve(lines.size());
  for (const auto& line : lines) {
    if (auto bad = check_line(line, context.currency)) {
      bad->errors.push_back(
          {"/lines/" + std::to_string(q.line_totals.size()), "value", bad->detail});
      return std::move(*bad);
    }
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
