// Tax rates and shipping zones, which staff maintain.

#include "actors/kernel/entity_tag.hpp"
#include "actors/pricing/pricing_parts.hpp"
#include "actors/pricing/stored_terms.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

tax_rate_view view_of(const tax_rate_row& r) {
  const auto& t = r.terms;
  return {r.tax_rate_id, t.name,       t.area,        t.tax_class,  t.parts_per_million,
          t.priority,    t.valid_from, t.valid_until, r.created_at, r.updated_at};
}

shipping_zone_view view_of(const shipping_zone_row& r) {
  return {r.shipping_zone_id, r.terms.name, r.terms.areas,
          r.terms.methods,    r.created_at, r.updated_at};
}

/// Gives ids to new methods. An error for an id that `known` does not have.
std::optional<problem> set_method_ids(std::vector<shipping_method>& methods,
                                      const std::vector<shipping_method>& known,
                                      pricing_service::decision& d) {
  for (std::size_t i = 0; i < methods.size(); ++i) {
    auto& id = methods[i].shipping_method_id;
    const auto at = "/methods/" + std::to_string(i) + "/shipping_method_id";
    if (!id) {
      id = d.new_id<stoa::shipping_method_id>();
      continue;
    }
    const auto has_it = [&](const shipping_method& m) { return m.shipping_method_id == id; };
    if (std::ranges::none_of(known, has_it)) {
      return invalid_field(at, "not_found", "The zone has no such method.");
    }
    const auto before = methods.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(methods.begin(), before, has_it)) {
      return invalid_field(at, "duplicate", "Another method has this id.");
    }
  }
  return std::nullopt;
}

}  // namespace

void pricing_service::needs(const create_tax_rate&, need_list& list, const records&) const {
  list.add<&tax_rate_row::list>(std::int64_t{0});
  need_revision(list);
}

result<tax_rate_view> pricing_service::decide(const create_tax_rate& m, decision& d) const {
  auto& all = d.of<tax_rate_row>();
  if (all.where<&tax_rate_row::list>(0).size() >= tax_rates_max) {
    return conflict("too_many_tax_rates",
                    "A store has at most " + std::to_string(tax_rates_max) + " tax rates.");
  }
  const auto& made = all.insert({m.tax_rate_id, 0, as_stored(m.terms), d.now, d.now, 0});
  count_change(d);
  auto view = view_of(made);
  note(d, "tax_rate_created", m.tax_rate_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const replace_tax_rate& m, need_list& list, const records&) const {
  list.add<&tax_rate_row::tax_rate_id>(m.tax_rate_id);
  need_revision(list);
}

result<tax_rate_view> pricing_service::decide(const replace_tax_rate& m, decision& d) const {
  const auto* found = d.of<tax_rate_row>().find(m.tax_rate_id);
  if (!found) return not_found("tax rate");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto terms = as_stored(m.terms);
  if (terms == found->terms) return view_of(*found);
  auto& r = d.of<tax_rate_row>().edit(m.tax_rate_id);
  r.terms = std::move(terms);
  r.updated_at = d.now;
  count_change(d);
  auto view = view_of(r);
  note(d, "tax_rate_changed", m.tax_rate_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const delete_tax_rate& m, need_list& list, const records&) const {
  list.add<&tax_rate_row::tax_rate_id>(m.tax_rate_id);
  need_revision(list);
}

result<kernel::nothing> pricing_service::decide(const delete_tax_rate& m, decision& d) const {
  const auto* found = d.of<tax_rate_row>().find(m.tax_rate_id);
  if (!found) return not_found("tax rate");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  note(d, "tax_rate_deleted", m.tax_rate_id.value, json::write(view_of(*found)));
  d.of<tax_rate_row>().erase(m.tax_rate_id);
  count_change(d);
  return kernel::nothing{};
}

void pricing_service::needs(const create_shipping_zone&, need_list& list, const records&) const {
  list.add<&shipping_zone_row::list>(std::int64_t{0});
  need_revision(list);
}

result<shipping_zone_view> pricing_service::decide(const create_shipping_zone& m,
                                                   decision& d) const {
  auto& all = d.of<shipping_zone_row>();
  if (all.where<&shipping_zone_row::list>(0).size() >= shipping_zones_max) {
    return conflict(
        "too_many_shipping_zones",
        "A store has at most " + std::to_string(shipping_zones_max) + " shipping zones.");
  }
  auto terms = as_stored(m.terms);
  if (auto bad = set_method_ids(terms.methods, {}, d)) return std::move(*bad);
  const auto& made = all.insert({m.shipping_zone_id, 0, std::move(terms), d.now, d.now, 0});
  count_change(d);
  auto view = view_of(made);
  note(d, "shipping_zone_created", m.shipping_zone_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const replace_shipping_zone& m, need_list& list, const records&) const {
  list.add<&shipping_zone_row::shipping_zone_id>(m.shipping_zone_id);
  need_revision(list);
}

result<shipping_zone_view> pricing_service::decide(const replace_shipping_zone& m,
                                                   decision& d) const {
  const auto* found = d.of<shipping_zone_row>().find(m.shipping_zone_id);
  if (!found) return not_found("shipping zone");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto terms = as_stored(m.terms);
  if (auto bad = set_method_ids(terms.methods, found->terms.methods, d)) return std::move(*bad);
  if (terms == found->terms) return view_of(*found);
  auto& r = d.of<shipping_zone_row>().edit(m.shipping_zone_id);
  r.terms = std::move(terms);
  r.updated_at = d.now;
  count_change(d);
  auto view = view_of(r);
  note(d, "shipping_zone_changed", m.shipping_zone_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const delete_shipping_zone& m, need_list& list, const records&) const {
  list.add<&shipping_zone_row::shipping_zone_id>(m.shipping_zone_id);
  need_revision(list);
}

result<kernel::nothing> pricing_service::decide(const delete_shipping_zone& m, decision& d) const {
  const auto* found = d.of<shipping_zone_row>().find(m.shipping_zone_id);
  if (!found) return not_found("shipping zone");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  note(d, "shipping_zone_deleted", m.shipping_zone_id.value, json::write(view_of(*found)));
  d.of<shipping_zone_row>().erase(m.shipping_zone_id);
  count_change(d);
  return kernel::nothing{};
}

result<tax_rate_view> pricing_service::read(const get_tax_rate& q, const kernel::call_context&,
                                            db::connection& c) const {
  const auto found = read_tax_rate(c, q.tax_rate_id);
  if (!found) return not_found("tax rate");
  return view_of(*found);
}

result<tax_rate_page> pricing_service::read(const list_tax_rates& q, const kernel::call_context&,
                                            db::connection& c) const {
  tax_rate_page page;
  std::int64_t total = 0;
  auto all = read_tax_rates(c);
  std::ranges::reverse(all);
  const auto limit = static_cast<std::size_t>(q.limit);
  for (const auto& r : all) {
    if (q.country && r.terms.area.country != *q.country) continue;
    ++total;
    if (q.before && !(r.tax_rate_id < *q.before)) continue;
    if (page.data.size() == limit) {
      page.next_cursor.value = page.data.back().tax_rate_id.str();
    } else {
      page.data.push_back(view_of(r));
    }
  }
  if (q.count) page.total = total;
  return page;
}

result<shipping_zone_view> pricing_service::read(const get_shipping_zone& q,
                                                 const kernel::call_context&,
                                                 db::connection& c) const {
  const auto found = read_shipping_zone(c, q.shipping_zone_id);
  if (!found) return not_found("shipping zone");
  return view_of(*found);
}

result<shipping_zone_list> pricing_service::read(const list_shipping_zones&,
                                                 const kernel::call_context&,
                                                 db::connection& c) const {
  shipping_zone_list list;
  for (const auto& r : read_shipping_zones(c)) list.data.push_back(view_of(r));
  return list;
}

}  // namespace stoa::pricing
