#include "actors/pricing/rule_book.hpp"

#include <algorithm>
#include <tuple>

namespace stoa::pricing {

namespace {

/// Sorted, so that ids are found by binary search.
void sort_ids(item_selector& s) {
  std::ranges::sort(s.product_ids);
  std::ranges::sort(s.category_ids);
}

void add_needs(const promotion_terms& t, rule_needs& needs) {
  const auto& d = t.discount;
  needs.products |= !t.conditions.items.selects_all() || !d.items.selects_all() ||
                    (d.buy_items && !d.buy_items->selects_all());
  needs.groups |= !t.conditions.customer_groups.empty();
  needs.first_order |= t.conditions.first_order;
  needs.customer_uses |= t.uses_per_customer_max.has_value();
}

}  // namespace

rule_book::rule_book(stoa::revision_id revision, rule_set rules)
    : revision_(revision), rules_(std::move(rules)) {
  needs_.products = !rules_.tax_rates.empty() || !rules_.zones.empty();
  needs_.groups = !rules_.tax_rates.empty() && !rules_.tax_exempt_groups.empty();
  for (auto& p : rules_.promotions) {
    sort_ids(p.terms.conditions.items);
    sort_ids(p.terms.discount.items);
    if (p.terms.discount.buy_items) sort_ids(*p.terms.discount.buy_items);
    add_needs(p.terms, needs_);
  }
  std::ranges::sort(rules_.tax_rates, {}, &usable_tax_rate::tax_rate_id);
  std::ranges::sort(rules_.zones, {}, &usable_zone::shipping_zone_id);
  std::ranges::sort(rules_.promotions, [](const auto& a, const auto& b) {
    return std::tie(b.terms.priority, a.promotion_id) < std::tie(a.terms.priority, b.promotion_id);
  });
}

}  // namespace stoa::pricing
