// Locations: changes by staff, transfers between them, and what queries show of them.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/catalog/location_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

location_view view_of(const location_row& l) {
  return {l.location_id, l.name,   l.code,         l.address,    l.priority,  l.countries,
          l.active,      l.pickup, l.is_default(), l.created_at, l.updated_at};
}

/// Sorted, and each once.
std::vector<std::string> stored_countries(const std::vector<std::string>& countries) {
  const std::set<std::string> sorted(countries.begin(), countries.end());
  return {sorted.begin(), sorted.end()};
}

/// A code that is not changed may differ from another one only by case: earlier versions allowed
/// that.
std::optional<problem> check_code(decision& d, const location_row& row,
                                  const std::optional<std::string>& before) {
  if (!row.code || row.code == before) return std::nullopt;
  if (stoa::location_id::parse(*row.code)) {
    return invalid_field("/code", "reserved", "A code must not have the form of an id.");
  }
  for (const auto* other : d.of<location_row>().where<&location_row::list>(0)) {
    if (other->location_id == row.location_id || !other->code) continue;
    if (!is_same_code(*other->code, *row.code)) continue;
    auto p = conflict("location_code_taken", "Another location has this code.");
    p.errors.push_back({"/code", "taken", "location " + other->location_id.str()});
    return p;
  }
  return std::nullopt;
}

/// A location that loses its stock must have none: no order could be shipped from there.
std::optional<problem> check_unused(decision& d, const location_row& row) {
  if (row.is_default()) {
    return conflict("default_location",
                    "The default location can be neither deactivated nor deleted.");
  }
  const auto* use = d.of<location_use_row>().find(row.location_id);
  if ((use && use->has_stock) ||
      d.of<level_row>().find_by<&level_row::location_id>(row.location_id)) {
    return conflict("location_has_stock", "Units of products are at the location.");
  }
  return std::nullopt;
}

void need_location(stoa::location_id id, catalog_service::need_list& list) {
  need_locations(list);
  list.add<&location_use_row::location_id>(id);
}

}  // namespace

std::optional<std::string> stored_code(const std::optional<std::string>& code) {
  if (!code) return std::nullopt;
  return stored_name(*code);
}

bool is_same_code(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

result<location_view> insert_location(decision& d, stoa::location_id id, const new_location& l) {
  if (d.of<location_row>().where<&location_row::list>(0).size() >= locations_max) {
    return conflict("too_many_locations",
                    "A store has at most " + std::to_string(locations_max) + " locations.");
  }
  const location_row row{id,
                         0,
                         stored_name(l.name),
                         stored_code(l.code),
                         l.address,
                         l.priority,
                         stored_countries(l.countries),
                         l.active,
                         l.pickup,
                         d.now,
                         d.now,
                         0};
  if (auto bad = check_code(d, row, std::nullopt)) return std::move(*bad);
  return view_of(d.of<location_row>().insert(row));
}

std::optional<problem> check_location(decision& d, stoa::location_id id,
                                      const std::string& pointer) {
  const auto* found = d.of<location_row>().find(id);
  if (found && found->active) return std::nullopt;
  return invalid_field(pointer, "unknown", "Unknown or inactive location.");
}

void catalog_service::needs(const create_location&, need_list& list, const records&) const {
  need_locations(list);
}

result<location_view> catalog_service::decide(const create_location& m, decision& d) const {
  return insert_location(d, d.new_id<stoa::location_id>(), m.location);
}

void catalog_service::needs(const change_location& m, need_list& list, const records&) const {
  need_location(m.location_id, list);
}

result<location_view> catalog_service::decide(const change_location& m, decision& d) const {
  const auto* found = d.of<location_row>().find(m.location_id);
  if (!found) return not_found("location");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  location_row row = *found;
  if (m.change.name) row.name = stored_name(*m.change.name);
  if (m.change.code.present) row.code = stored_code(m.change.code.value);
  if (m.change.address.present) row.address = m.change.address.value;
  if (m.change.countries) row.countries = stored_countries(*m.change.countries);
  row.priority = m.change.priority.value_or(row.priority);
  row.active = m.change.active.value_or(row.active);
  row.pickup = m.change.pickup.value_or(row.pickup);
  if (auto bad = check_code(d, row, found->code)) return std::move(*bad);
  if (found->active && !row.active) {
    if (auto bad = check_unused(d, row)) return std::move(*bad);
  }
  if (row != *found) {
    row.updated_at = d.now;
    d.of<location_row>().edit(m.location_id) = row;
  }
  return view_of(row);
}

void catalog_service::needs(const delete_location& m, need_list& list, const records&) const {
  need_location(m.location_id, list);
}

result<nothing> catalog_service::decide(const delete_location& m, decision& d) const {
  const auto* found = d.of<location_row>().find(m.location_id);
  if (!found) return not_found("location");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  if (auto bad = check_unused(d, *found)) return std::move(*bad);
  d.of<location_row>().erase(m.location_id);
  return nothing{};
}

void catalog_service::needs(const transfer_stock& m, need_list& list, const records& loaded) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&stock_row::product_id>(m.product_id);
  need_levels(m.product_id, list, loaded);
  need_locations(list);
}

result<stock_view> catalog_service::decide(const transfer_stock& m, decision& d) const {
  if (auto bad = check_stocked(d, m.product_id)) return std::move(*bad);
  const auto& t = m.transfer;
  if (auto bad = check_location(d, t.from_location_id, "/from_location_id")) return std::move(*bad);
  if (auto bad = check_location(d, t.to_location_id, "/to_location_id")) return std::move(*bad);
  if (t.from_location_id == t.to_location_id) {
    return invalid_field("/to_location_id", "duplicate", "Both locations are the same.");
  }
  const auto from = place_of(t.from_location_id);
  const auto free = std::max<std::int64_t>(units_at(d, m.product_id, from).available(), 0);
  if (free < t.quantity) {
    return conflict("insufficient_stock",
                    "Only " + std::to_string(free) + " units at the location are not reserved.");
  }
  move_units(d, m.product_id, from, place_of(t.to_location_id), t.quantity, t.reason);
  return stock_view_of(d, *d.of<stock_row>().find(m.product_id));
}

result<location_view> catalog_service::read(const get_location& q, const call_context&,
                                            db::connection& c) const {
  const auto found = read_location(c, q.location_id);
  if (!found) return not_found("location");
  return view_of(*found);
}

result<location_page> catalog_service::read(const list_locations&, const call_context&,
                                            db::connection& c) const {
  location_page page;
  for (const auto& l : read_locations(c)) page.data.push_back(view_of(l));
  return page;
}

result<pickup_list> catalog_service::read(const list_pickup& q, const call_context&,
                                          db::connection& c) const {
  const auto found = read_product(c, q.product_id, false);
  if (!found || found->product.status != product_status::Active) return not_found("product");
  std::set<stoa::location_id> stocked;
  bool anywhere = false;  // it is sold beyond its stock, which the default location then owes
  const auto add = [&](const stock_row& s) {
    if (!s.sellable) return;
    anywhere = anywhere || s.unlimited();
    auto rest = s.available();
    for (const auto& l : s.located ? read_levels(c, s.product_id) : std::vector<level_row>()) {
      if (l.on_hand > l.reserved) stocked.insert(l.location_id);
      rest -= l.on_hand - l.reserved;
    }
    if (rest > 0) stocked.insert(default_location);
  };
  add(found->stock);
  for (const auto& v : found->variants) add(v.stock);
  pickup_list list;
  for (const auto& l : read_locations(c)) {
    if (!l.active || !l.pickup) continue;
    const bool available = stocked.contains(l.location_id) || (anywhere && l.is_default());
    list.data.push_back({l.location_id, l.name, l.address, available});
  }
  return list;
}

}  // namespace stoa::catalog
