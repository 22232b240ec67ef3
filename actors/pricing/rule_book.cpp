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
  std::ranges::sort(rules_.price_lists, [](const auto& a, const auto& b) {
    return std::tie(b.terms.priority, a.price_list_id) <
           std::tie(a.terms.priority, b.price_list_id);
  });
  for (const auto& l : rules_.price_lists) {
    has_group_prices_ |= !l.terms.customer_groups.empty();
    if (l.terms.valid_from) price_times_.push_back(*l.terms.valid_from);
    if (l.terms.valid_until) price_times_.push_back(*l.terms.valid_until);
  }
  std::ranges::sort(price_times_);
  needs_.groups |= has_group_prices_;
}

bool rule_book::has_other_currency(const std::string& currency) const {
  return std::ranges::any_of(rules_.price_lists,
                             [&](const auto& l) { return l.terms.currency != currency; });
}

std::uint64_t rule_book::price_state(timestamp now) const {
  if (rules_.price_lists.empty()) return 0;
  std::uint64_t state = 0;  // The revision is random.
  for (const auto byte : revision_.value.bytes) state = state * 257 + byte;
  const auto passed = std::ranges::upper_bound(price_times_, now) - price_times_.begin();
  return (state << 8U) + static_cast<std::uint64_t>(passed) + 1;
}

}  // namespace stoa::pricing
