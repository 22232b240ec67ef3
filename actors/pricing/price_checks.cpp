// Checks of prices whose products may have been deleted meanwhile.

#include "actors/pricing/pricing_parts.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

problem too_many_checks() {
  return invalid_field("", "too_many",
                       "At most " + std::to_string(price_checks_at_once_max) + " checks.");
}

/// Whether the product has a check that the command does not end.
bool has_newer_check(pricing_service::decision& d, const end_price_checks& m,
                     stoa::product_id product) {
  return std::ranges::any_of(
      d.of<price_check_row>().where<&price_check_row::product_id>(product),
      [&](const auto* c) { return !std::ranges::count(m.checks, c->price_check_id); });
}

}  // namespace

void need_prices_of(stoa::product_id product, pricing_service::need_list& list,
                    const pricing_service::records& loaded) {
  list.add<&price_entry_row::product_id>(product);
  for (const auto* entry :
       loaded.of<price_entry_row>().where<&price_entry_row::product_id>(product)) {
    list.add<&price_list_row::price_list_id>(entry->price_list_id);
  }
}

bool delete_prices_of(stoa::product_id product, pricing_service::decision& d) {
  std::vector<stoa::price_list_id> lists;
  auto& all = d.of<price_entry_row>();
  for (const auto* entry : all.where<&price_entry_row::product_id>(product)) {
    lists.push_back(entry->price_list_id);
  }
  bool has_emptied_one = false;
  for (const auto id : lists) {
    all.erase(id, product);
    if (!d.of<price_list_row>().find(id)) continue;
    auto& list = d.of<price_list_row>().edit(id);
    --list.entries;
    list.updated_at = d.now;
    has_emptied_one |= list.entries == 0 && !list.deleted;
  }
  return has_emptied_one;
}

void pricing_service::needs(const end_price_checks& m, need_list& list,
                            const records& loaded) const {
  if (std::max(m.checks.size(), m.gone.size()) > price_checks_at_once_max) return;
  for (const auto id : m.checks) list.add<&price_check_row::price_check_id>(id);
  for (const auto product : m.gone) {
    list.add<&price_check_row::product_id>(product);
    need_prices_of(product, list, loaded);
  }
  need_revision(list);
}

result<kernel::nothing> pricing_service::decide(const end_price_checks& m, decision& d) const {
  if (std::max(m.checks.size(), m.gone.size()) > price_checks_at_once_max) {
    return too_many_checks();
  }
  bool has_emptied_one = false;
  for (const auto product : m.gone) {
    if (!has_newer_check(d, m, product)) has_emptied_one |= delete_prices_of(product, d);
  }
  for (const auto id : m.checks) {
    if (d.of<price_check_row>().find(id)) d.of<price_check_row>().erase(id);
  }
  if (has_emptied_one) count_change(d);
  return kernel::nothing{};
}

result<open_price_checks> pricing_service::read(const list_price_checks&,
                                                const kernel::call_context&,
                                                db::connection& c) const {
  return open_price_checks{read_price_checks(c, price_checks_at_once_max)};
}

}  // namespace stoa::pricing
