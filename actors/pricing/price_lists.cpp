// Price lists and their prices, which staff maintain.

#include "actors/kernel/entity_tag.hpp"
#include "actors/pricing/pricing_parts.hpp"
#include "actors/pricing/stored_terms.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::pricing {

namespace {

price_list_view view_of(const price_list_row& r) {
  const auto& t = r.terms;
  return {r.price_list_id, t.name,        t.currency, t.kind,    t.customer_groups,
          t.valid_from,    t.valid_until, t.priority, t.enabled, r.entries,
          r.created_at,    r.updated_at,  t.key};
}

price_entry_row row_of(const price_entry_terms& e, stoa::price_list_id list, timestamp now) {
  price_entry_row r{list, e.product_id, e.price.amount, {}, {}, now};
  if (e.compare_at_price) r.compare_at = e.compare_at_price->amount;
  for (const auto& t : e.tiers) r.tiers.push_back({t.min_quantity, t.price.amount});
  return r;
}

bool has_same_price(const price_entry_row& a, const price_entry_row& b) {
  return a.amount == b.amount && a.compare_at == b.compare_at && a.tiers == b.tiers;
}

/// The problem if the key is an id, or another list has it.
std::optional<problem> check_key(pricing_service::decision& d, stoa::price_list_id id,
                                 const price_list_terms& terms) {
  if (!terms.key) return std::nullopt;
  // White space around an id passes the rule of the member.
  if (stoa::price_list_id::parse(*terms.key)) {
    return invalid_field("/key", "reserved", "A key must not have the form of an id.");
  }
  for (const auto* other : d.of<price_list_row>().where<&price_list_row::list>(0)) {
    if (other->deleted || other->price_list_id == id || other->terms.key != terms.key) continue;
    auto taken = conflict("price_list_key_taken", "Another price list has this key.");
    taken.errors.push_back({"/key", "taken", "price list " + other->price_list_id.str()});
    return taken;
  }
  return std::nullopt;
}

}  // namespace

price_entry_view price_view_of(const price_entry_row& e, const std::string& currency) {
  price_entry_view v{e.price_list_id, e.product_id, {e.amount, currency}, {}, {}, e.updated_at};
  if (e.compare_at) v.compare_at_price = money{*e.compare_at, currency};
  for (const auto& t : e.tiers) v.tiers.push_back({t.min_quantity, {t.amount, currency}});
  return v;
}

const price_list_row* usable_list(pricing_service::decision& d, stoa::price_list_id id) {
  const auto* found = d.of<price_list_row>().find(id);
  return found && !found->deleted ? found : nullptr;
}

std::vector<field_error> price_errors(const change_prices& m, const std::string& currency) {
  std::vector<field_error> errors;
  std::set<stoa::product_id> seen;
  const auto check_currency = [&](const money& price, const std::string& at) {
    if (price.currency == currency) return;
    errors.push_back({at + "/currency", "value", "The list has prices in " + currency + "."});
  };
  for (std::size_t i = 0; i < m.set.size(); ++i) {
    const auto& e = m.set[i];
    const auto at = "/set/" + std::to_string(i);
    check_currency(e.price, at + "/price");
    if (e.compare_at_price) check_currency(*e.compare_at_price, at + "/compare_at_price");
    for (std::size_t t = 0; t < e.tiers.size(); ++t) {
      check_currency(e.tiers[t].price, at + "/tiers/" + std::to_string(t) + "/price");
    }
    if (!seen.insert(e.product_id).second) {
      errors.push_back({at + "/product_id", "duplicate", "The product occurs twice."});
    }
  }
  for (std::size_t i = 0; i < m.remove.size(); ++i) {
    if (seen.insert(m.remove[i]).second) continue;
    errors.push_back({"/remove/" + std::to_string(i), "duplicate", "The product occurs twice."});
  }
  return errors;
}

problem too_many_prices() {
  return conflict("too_many_prices",
                  "A price list has at most " + std::to_string(price_entries_max) + " prices.");
}

price_entry_counts change_entries(const change_prices& m, pricing_service::decision& d) {
  price_entry_counts counts;
  auto& all = d.of<price_entry_row>();
  for (const auto& e : m.set) {
    auto row = row_of(e, m.price_list_id, d.now);
    const auto* found = all.find(m.price_list_id, e.product_id);
    if (!found) {
      all.insert(std::move(row));
      d.of<price_check_row>().insert({d.new_id<stoa::price_check_id>(), e.product_id});
      ++counts.created;
    } else if (!has_same_price(*found, row)) {
      all.edit(m.price_list_id, e.product_id) = std::move(row);
      ++counts.updated;
    }
  }
  for (const auto id : m.remove) {
    if (!all.find(m.price_list_id, id)) continue;
    all.erase(m.price_list_id, id);
    ++counts.deleted;
  }
  return counts;
}

void price_entry_terms::check(std::vector<field_error>& errors) const {
  std::int64_t last = 1;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    if (tiers[i].min_quantity <= last) {
      errors.push_back({"/tiers/" + std::to_string(i) + "/min_quantity", "range",
                        "The quantities must ascend."});
    }
    last = tiers[i].min_quantity;
  }
}

void pricing_service::needs(const create_price_list&, need_list& list, const records&) const {
  list.add<&price_list_row::list>(std::int64_t{0});
  need_revision(list);
}

result<price_list_view> pricing_service::decide(const create_price_list& m, decision& d) const {
  auto& all = d.of<price_list_row>();
  if (all.where<&price_list_row::list>(0).size() >= price_lists_max) {
    return conflict("too_many_price_lists",
                    "A store has at most " + std::to_string(price_lists_max) + " price lists.");
  }
  auto terms = as_stored(m.terms);
  if (auto bad = check_key(d, m.price_list_id, terms)) return std::move(*bad);
  const auto& made = all.insert({m.price_list_id, 0, std::move(terms), 0, false, d.now, d.now, 0});
  count_change(d);
  auto view = view_of(made);
  note(d, "price_list_created", m.price_list_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const replace_price_list& m, need_list& list, const records&) const {
  if (m.terms.key) list.add<&price_list_row::list>(std::int64_t{0});
  list.add<&price_list_row::price_list_id>(m.price_list_id);
  need_revision(list);
}

result<price_list_view> pricing_service::decide(const replace_price_list& m, decision& d) const {
  const auto* found = usable_list(d, m.price_list_id);
  if (!found) return not_found("price list");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto terms = as_stored(m.terms);
  if (terms == found->terms) return view_of(*found);
  if (auto bad = check_key(d, m.price_list_id, terms)) return std::move(*bad);
  if (terms.currency != found->terms.currency && found->entries > 0) {
    return conflict("price_list_not_empty", "The list has prices in " + found->terms.currency +
                                                ". Delete them first, or create another list.");
  }
  auto& r = d.of<price_list_row>().edit(m.price_list_id);
  r.terms = std::move(terms);
  r.updated_at = d.now;
  count_change(d);
  auto view = view_of(r);
  note(d, "price_list_changed", m.price_list_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const delete_price_list& m, need_list& list, const records&) const {
  list.add<&price_list_row::price_list_id>(m.price_list_id);
  need_revision(list);
}

result<kernel::nothing> pricing_service::decide(const delete_price_list& m, decision& d) const {
  const auto* found = usable_list(d, m.price_list_id);
  if (!found) return not_found("price list");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  note(d, "price_list_deleted", m.price_list_id.value, json::write(view_of(*found)));
  if (found->entries == 0) {
    d.of<price_list_row>().erase(m.price_list_id);
  } else {
    d.of<price_list_row>().edit(m.price_list_id).deleted = true;
  }
  count_change(d);
  return kernel::nothing{};
}

void pricing_service::needs(const clear_price_list& m, need_list& list, const records&) const {
  list.add<&price_list_row::price_list_id>(m.price_list_id);
}

result<kernel::nothing> pricing_service::decide(const clear_price_list& m, decision& d) const {
  const auto* found = d.of<price_list_row>().find(m.price_list_id);
  if (!found || !found->deleted) return kernel::nothing{};
  if (found->entries == 0) {
    d.of<price_list_row>().erase(m.price_list_id);
    return kernel::nothing{};
  }
  const auto count = std::min<std::int64_t>(found->entries, price_entries_at_once_max);
  d.execute(delete_some_entries, db::params(m.price_list_id, count));
  d.of<price_list_row>().edit(m.price_list_id).entries -= count;
  return kernel::nothing{};
}

void pricing_service::needs(const change_prices& m, need_list& list, const records&) const {
  list.add<&price_list_row::price_list_id>(m.price_list_id);
  need_revision(list);
  if (m.set.size() + m.remove.size() > price_entries_at_once_max) return;
  for (const auto& e : m.set) list.add<&price_entry_row::product_id>(e.product_id);
  for (const auto id : m.remove) list.add<&price_entry_row::product_id>(id);
}

result<price_entry_counts> pricing_service::decide(const change_prices& m, decision& d) const {
  const auto* found = usable_list(d, m.price_list_id);
  if (!found) return not_found("price list");
  const auto size = m.set.size() + m.remove.size();
  if (size == 0 || size > price_entries_at_once_max) {
    return invalid_field(
        "/set", "range",
        "There may be 1 to " + std::to_string(price_entries_at_once_max) + " prices in a request.");
  }
  if (auto bad = price_errors(m, found->terms.currency); !bad.empty())
    return invalid(std::move(bad));
  const auto before = found->entries;
  auto counts = change_entries(m, d);
  counts.entries = before + counts.created - counts.deleted;
  if (counts.entries > price_entries_max) return too_many_prices();
  if (counts.created + counts.updated + counts.deleted == 0) return counts;
  auto& list = d.of<price_list_row>().edit(m.price_list_id);
  list.entries = counts.entries;
  list.updated_at = d.now;
  count_change(d);
  note(d, "prices_changed", m.price_list_id.value, json::write(counts));
  return counts;
}

void pricing_service::needs(const catalog::product_deleted& e, need_list& list,
                            const records& loaded) const {
  need_prices_of(e.product_id, list, loaded);
  need_revision(list);
}

kernel::applied pricing_service::decide(const catalog::product_deleted& e, decision& d) const {
  if (delete_prices_of(e.product_id, d)) count_change(d);
  return std::nullopt;
}

result<price_list_view> pricing_service::read(const get_price_list& q, const kernel::call_context&,
                                              db::connection& c) const {
  const auto found = read_price_list(c, q.price_list_id);
  if (!found) return not_found("price list");
  return view_of(*found);
}

result<price_list_page> pricing_service::read(const list_price_lists& q,
                                              const kernel::call_context&,
                                              db::connection& c) const {
  price_list_page page;
  std::int64_t total = 0;
  auto all = read_price_lists(c);
  std::ranges::reverse(all);
  const auto limit = static_cast<std::size_t>(q.limit);
  for (const auto& r : all) {
    if (q.currency && r.terms.currency != *q.currency) continue;
    if (q.kind && r.terms.kind != *q.kind) continue;
    ++total;
    if (q.before && !(r.price_list_id < *q.before)) continue;
    if (page.data.size() == limit) {
      page.next_cursor.value = page.data.back().price_list_id.str();
    } else {
      page.data.push_back(view_of(r));
    }
  }
  if (q.count) page.total = total;
  return page;
}

result<price_entry_page> pricing_service::read(const list_price_entries& q,
                                               const kernel::call_context&,
                                               db::connection& c) const {
  const auto list = read_price_list(c, q.price_list_id);
  if (!list) return not_found("price list");
  const auto limit = static_cast<std::size_t>(q.limit);
  auto found = read_price_entries(c, q.price_list_id, q.after, limit + 1);
  price_entry_page page;
  if (found.size() > limit) {
    found.pop_back();
    page.next_cursor.value = found.back().product_id.str();
  }
  for (const auto& e : found) page.data.push_back(price_view_of(e, list->terms.currency));
  return page;
}

result<product_price_list> pricing_service::read(const get_product_prices& q,
                                                 const kernel::call_context&,
                                                 db::connection& c) const {
  product_price_list prices;
  const auto lists = read_price_lists(c);
  for (const auto& e : read_product_entries(c, q.product_id)) {
    const auto list = std::ranges::find(lists, e.price_list_id, &price_list_row::price_list_id);
    if (list != lists.end()) prices.data.push_back(price_view_of(e, list->terms.currency));
  }
  return prices;
}

kernel::gathered<find_prices::answer> pricing_service::gather(const find_prices& q,
                                                              const kernel::call_context&,
                                                              db::gathering& all) const {
  if (q.product_ids.size() > price_entries_at_once_max) {
    return [](db::connection&) -> result<find_prices::answer> {
      return invalid_field(
          "/product_ids", "too_many",
          "At most " + std::to_string(price_entries_at_once_max) + " products at once.");
    };
  }
  std::vector<db::gathering::found<price_entry_row>> found;
  found.reserve(q.product_ids.size());
  for (const auto id : q.product_ids) {
    found.push_back(
        all.ask<price_entry_row>(db::select_by<&price_entry_row::product_id>(), db::params(id)));
  }
  return [found = std::move(found),
          lists = q.price_list_ids](db::connection&) -> result<find_prices::answer> {
    find_prices::answer a;
    for (const auto& rows : found) {
      for (auto& e : *rows) {
        if (std::ranges::find(lists, e.price_list_id) == lists.end()) continue;
        a.data.push_back(
            {e.price_list_id, e.product_id, e.amount, e.compare_at, std::move(e.tiers)});
      }
    }
    return a;
  };
}

}  // namespace stoa::pricing
