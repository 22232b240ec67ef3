#include "actors/pricing/list_price.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

/// A price of a list.
struct candidate {
  const usable_price_list* list = nullptr;
  const listed_price* entry = nullptr;
  std::int64_t amount = 0;
};

/// The price that counts among the lists of one kind; without a list if there is none.
candidate best_of(price_list_kind kind, const std::vector<const usable_price_list*>& lists,
                  const std::vector<const listed_price*>& entries, std::int64_t quantity) {
  candidate best;
  for (const auto* list : lists) {
    if (list->terms.kind != kind) continue;
    if (best.list && list->terms.priority < best.list->terms.priority) break;
    const auto found = std::ranges::find(entries, list->price_list_id,
                                         [](const listed_price* e) { return e->price_list_id; });
    if (found == entries.end()) continue;
    const auto amount = amount_for(**found, quantity);
    if (!best.list || amount < best.amount) best = {list, *found, amount};
  }
  return best;
}

shown_price shown(const candidate& c, const std::string& currency) {
  shown_price p{{c.amount, currency}, {}, c.list};
  if (c.entry->compare_at) p.compare_at_price = money{*c.entry->compare_at, currency};
  return p;
}

}  // namespace

std::vector<const usable_price_list*> lists_for(const rule_book& rules, const price_buyer& buyer) {
  std::vector<const usable_price_list*> lists;
  for (const auto& l : rules.price_lists()) {
    const auto& t = l.terms;
    if (t.currency != buyer.currency) continue;
    if (t.valid_from && *t.valid_from > buyer.now) continue;
    if (t.valid_until && *t.valid_until <= buyer.now) continue;
    const bool is_meant =
        t.customer_groups.empty() || std::ranges::any_of(t.customer_groups, [&](const auto& g) {
          return std::ranges::find(buyer.groups, g) != buyer.groups.end();
        });
    if (is_meant) lists.push_back(&l);
  }
  return lists;
}

std::int64_t amount_for(const listed_price& entry, std::int64_t quantity) {
  auto amount = entry.amount;
  for (const auto& tier : entry.tiers) {
    if (tier.min_quantity > quantity) break;
    amount = tier.amount;
  }
  return amount;
}

std::optional<shown_price> price_for(const own_price& own,
                                     const std::vector<const usable_price_list*>& lists,
                                     const std::vector<const listed_price*>& entries,
                                     const std::string& currency, std::int64_t quantity) {
  const bool own_counts = own.price.currency == currency;
  std::optional<shown_price> price;
  if (own_counts) price = shown_price{own.price, own.compare_at_price, nullptr};
  if (!entries.empty()) {
    const auto regular = best_of(price_list_kind::regular, lists, entries, quantity);
    if (regular.list) price = shown(regular, currency);
    const auto sale = best_of(price_list_kind::sale, lists, entries, quantity);
    if (sale.list && (!price || sale.amount < price->price.amount)) {
      auto reduced = shown(sale, currency);
      if (!reduced.compare_at_price && price) reduced.compare_at_price = price->price;
      price = std::move(reduced);
    }
  }
  // The product's own members are shown unchanged.
  if (price && price->list && price->compare_at_price &&
      price->compare_at_price->amount <= price->price.amount) {
    price->compare_at_price.reset();
  }
  return price;
}

}  // namespace stoa::pricing
