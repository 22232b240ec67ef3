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

/// The total to which the part is added; null for included taxes.
money* total_of(quote& q, price_part_kind kind) {
  switch (kind) {
    case price_part_kind::shipping:
      return &q.shipping_total;
    case price_part_kind::tax:
      return &q.tax_total;
    case price_part_kind::included_tax:
      return nullptr;
    default:
      return &q.adjustment_total;
  }
}

/// Adds to the sum; false when it becomes too large.
bool add_to(money& sum, const money& amount) {
  auto more = add(sum, amount);
  if (!more) return false;
  sum = std::move(*more);
  return true;
}

/// Whether the shares of the part name lines and add up to its amount. `left`: what the parts have
/// left of the lines.
bool divides(const price_part& part, std::vector<std::int64_t>& left) {
  std::int64_t sum = part.shipping_amount.value_or(0);
  if (sum < -money_amount_max || sum > money_amount_max) return false;
  for (const auto& share : *part.lines) {
    if (share.line < 0 || share.line >= std::ssize(left)) return false;
    if (share.amount < -money_amount_max || share.amount > money_amount_max) return false;
    auto& line = left[static_cast<std::size_t>(share.line)];
    if (part.kind == price_part_kind::adjustment) line += share.amount;
    if (line < 0 || line > money_amount_max) return false;
    sum += share.amount;
  }
  return sum == part.amount.amount;
}

}  // namespace

std::optional<money> included_taxes(const std::vector<price_part>& parts) {
  std::optional<money> sum;
  for (const auto& part : parts) {
    if (part.kind != price_part_kind::included_tax) continue;
    if (!sum) sum = money{0, part.amount.currency};
    sum->amount += part.amount.amount;
  }
  return sum;
}

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
  std::vector<std::int64_t> left;
  for (const auto& total : q.line_totals) left.push_back(total.amount);
  for (const auto& part : context.parts) {
    if (part.lines && (part.lines->size() > lines.size() || !divides(part, left))) {
      return invalid("The shares of " + part.code + " are not those of the lines.");
    }
    if (part.amount.currency != context.currency) {
      return invalid(part.code + " is in " + part.amount.currency + ", not in " + context.currency +
                     ".");
    }
    auto* total = total_of(q, part.kind);
    if (total != nullptr && !add_to(*total, part.amount)) return too_large();
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
