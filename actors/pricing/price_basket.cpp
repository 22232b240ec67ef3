#include "actors/pricing/price_basket.hpp"

#include "actors/pricing/taxes.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

/// The code of the part of an automatic promotion.
constexpr std::string_view automatic_code = "promotion";

price_part discount_part(const applied_promotion& a, price_part_kind kind, std::int64_t amount,
                         const std::string& currency) {
  price_part part{kind,
                  a.code.value_or(std::string(automatic_code)),
                  a.promotion->terms.name,
                  {-amount, currency}};
  part.promotion_id = a.promotion->promotion_id;
  return part;
}

void add_discount(const applied_promotion& a, const std::string& currency,
                  std::vector<price_part>& parts) {
  const auto goods = a.amount() - a.shipping;
  if (goods > 0) {
    auto part = discount_part(a, price_part_kind::adjustment, goods, currency);
    part.lines.emplace();
    for (std::size_t i = 0; i < a.lines.size(); ++i) {
      if (a.lines[i] > 0) part.lines->push_back({static_cast<std::int64_t>(i), -a.lines[i]});
    }
    parts.push_back(std::move(part));
  }
  if (a.shipping > 0) {
    parts.push_back(discount_part(a, price_part_kind::shipping, a.shipping, currency));
  }
}

std::optional<shipping_offer> chosen_offer(const basket& b, std::int64_t subtotal,
                                           const rule_book& rules) {
  if (!b.shipping_method_id || rules.zones().empty()) return std::nullopt;
  for (const auto& offer : offers_of(b, subtotal, rules)) {
    if (offer.method->shipping_method_id == b.shipping_method_id) return offer;
  }
  return std::nullopt;
}

/// Whether no rule can change the price of the basket.
bool is_plain(const basket& b, const rule_book& rules) {
  return !b.taxes && b.codes.empty() && rules.promotions().empty() && rules.zones().empty() &&
         rules.tax_rates().empty();
}

/// The basket's price while it is made.
class pricing_run {
 public:
  pricing_run(const basket& b, const rule_book& rules, const quote& plain)
      : basket_(b), rules_(rules), context_{b.currency, {}} {
    for (const auto& total : plain.line_totals) taxable_.lines.push_back(total.amount);
    add_shipping(plain.subtotal.amount);
    add_discounts();
    for (auto& part : b.taxes ? *b.taxes : taxes_of(b, taxable_, rules)) {
      context_.parts.push_back(part);
    }
  }

  result<priced_basket> finish() {
    auto quote = quote_of(lines_of(basket_), context_);
    if (!quote) return std::move(quote.error());
    priced_.quote = std::move(*quote);
    return std::move(priced_);
  }

 private:
  void add_shipping(std::int64_t subtotal) {
    const auto offer = chosen_offer(basket_, subtotal, rules_);
    if (!offer) return;
    const auto& method = *offer->method;
    priced_.shipping = {*method.shipping_method_id, method.name, method.kind, method.location_id};
    taxable_.shipping = offer->amount;
    taxable_.shipping_class = method.tax_class;
    context_.parts.push_back(
        {price_part_kind::shipping, "shipping", method.name, {offer->amount, basket_.currency}});
  }

  void add_discounts() {
    auto found = discounts_of(basket_, taxable_.lines, taxable_.shipping, rules_);
    for (const auto& a : found.applied) {
      add_discount(a, basket_.currency, context_.parts);
      for (std::size_t i = 0; i < a.lines.size(); ++i) taxable_.lines[i] -= a.lines[i];
      taxable_.shipping -= a.shipping;
      if (is_redeemed(a.promotion->terms)) {
        priced_.redemptions.push_back({a.promotion->promotion_id, a.code});
      }
    }
    priced_.unused_codes = std::move(found.unused);
  }

  const basket& basket_;
  const rule_book& rules_;
  quote_context context_;
  taxable taxable_;
  priced_basket priced_;
};

}  // namespace

std::vector<priced_line> lines_of(const basket& b) {
  std::vector<priced_line> lines;
  lines.reserve(b.lines.size());
  for (const auto& line : b.lines) lines.push_back({line.unit_price, line.quantity});
  return lines;
}

result<priced_basket> price_basket(const basket& b, const rule_book& rules) {
  auto plain = quote_of(lines_of(b), {b.currency, {}});
  if (!plain) return std::move(plain.error());
  if (is_plain(b, rules)) return priced_basket{std::move(*plain), {}, {}, {}};
  return pricing_run(b, rules, *plain).finish();
}

}  // namespace stoa::pricing
