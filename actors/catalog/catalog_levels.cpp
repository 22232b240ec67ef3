// Stock by location. `inventory` has the total of a product; level_row has its units at locations
// other than the default one, which has the rest. Only products with such units
// (stock_row::located) need more than their total.

#include "actors/catalog/allocation.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "storage/base/fault.hpp"

#include <algorithm>

namespace stoa::catalog {

using decision = catalog_service::decision;

namespace {

/// Changes the units at a location other than the default one.
void change_level(decision& d, stoa::product_id id, stoa::location_id where, std::int64_t on_hand,
                  std::int64_t reserved) {
  auto& levels = d.of<level_row>();
  if (!levels.find(id, where)) levels.insert({id, where, 0, 0, 0});
  auto& level = levels.edit(id, where);
  level.on_hand += on_hand;
  level.reserved += reserved;
  if (level.on_hand == 0 && level.reserved == 0) levels.erase(id, where);
  const bool located = levels.find_by<&level_row::product_id>(id) != nullptr;
  if (d.of<stock_row>().find(id)->located != located) d.of<stock_row>().edit(id).located = located;
}

std::vector<level_row> levels_of(decision& d, stoa::product_id id) {
  std::vector<level_row> levels;
  for (const auto* l : d.of<level_row>().where<&level_row::product_id>(id)) levels.push_back(*l);
  return levels;
}

/// The units of a product that an order wants.
supply_line supply_of(decision& d, stoa::product_id id, std::int64_t quantity,
                      const std::vector<supply_place>& places) {
  supply_line line{quantity, std::vector<std::int64_t>(places.size(), 0)};
  const auto* stock = d.of<stock_row>().find(id);
  for (std::size_t p = 0; p < places.size(); ++p) {
    const auto at = places[p].location_id;
    if (!stock->tracked) {
      line.available[p] = at == default_location ? quantity : 0;
    } else if (fault("allocate_without_units")) {
      line.available[p] = at == default_location ? 0 : quantity;
    } else {
      line.available[p] = units_at(d, id, place_of(at)).available();
    }
  }
  return line;
}

}  // namespace

place place_of(stoa::location_id id) {
  if (id == default_location) return std::nullopt;
  return id;
}

void need_levels(stoa::product_id id, catalog_service::need_list& list,
                 const catalog_service::records& loaded) {
  const auto* stock = loaded.of<stock_row>().find(id);
  if (stock && stock->located) list.add<&level_row::product_id>(id);
}

void need_locations(catalog_service::need_list& list) {
  list.add<&location_row::list>(std::int64_t{0});
}

unit_count units_elsewhere(decision& d, stoa::product_id id) {
  unit_count sum;
  for (const auto* l : d.of<level_row>().where<&level_row::product_id>(id)) {
    sum.on_hand += l->on_hand;
    sum.reserved += l->reserved;
  }
  return sum;
}

unit_count units_at(decision& d, stoa::product_id id, place where) {
  if (where) {
    const auto* level = d.of<level_row>().find(id, *where);
    return level ? unit_count{level->on_hand, level->reserved} : unit_count{};
  }
  const auto* stock = d.of<stock_row>().find(id);
  if (!stock->located) return {stock->on_hand, stock->reserved};
  const auto others = units_elsewhere(d, id);
  return {stock->on_hand - others.on_hand, stock->reserved - others.reserved};
}

void change_units(decision& d, const ledger_row& change) {
  if (change.location_id) {
    change_level(d, change.product_id, *change.location_id, change.on_hand_change,
                 change.reserved_change);
  }
  d.of<ledger_row>().insert(change);
}

void move_units(decision& d, stoa::product_id id, place from, place to, std::int64_t units,
                const std::optional<std::string>& note) {
  ledger_row change{
      id,   d.new_id<stoa::ledger_id>(), -units, 0,   stock_cause::adjustment, std::nullopt,
      note, d.context.who.str(),         d.now,  from};
  change_units(d, change);
  if (fault("lose_second_half")) return;
  change.ledger_id = d.new_id<stoa::ledger_id>();
  change.on_hand_change = units;
  change.location_id = to;
  change_units(d, change);
}

void move_to_default(decision& d, stoa::product_id id, const std::string& note) {
  for (const auto& l : levels_of(d, id)) {
    move_units(d, id, l.location_id, std::nullopt, l.on_hand, note);
  }
}

void empty_levels(decision& d, stoa::product_id id, stock_cause cause,
                  const std::optional<std::string>& note) {
  for (const auto& l : levels_of(d, id)) {
    if (l.on_hand == l.reserved) continue;
    change_stock(d, id, l.reserved - l.on_hand, 0, cause, std::nullopt, note, l.location_id);
  }
}

std::map<stoa::product_id, allocations> allocate_units(
    decision& d, const std::map<stoa::product_id, std::int64_t>& wanted,
    const std::optional<order::delivery_place>& to, const std::vector<allocation_rule>& rules) {
  std::map<stoa::product_id, allocations> made;
  const bool located = std::ranges::any_of(
      wanted, [&](const auto& w) { return d.of<stock_row>().find(w.first)->located; });
  if (!located) return made;
  supply_request r;
  for (const auto* l : d.of<location_row>().where<&location_row::list>(0)) {
    if (!l->active) continue;
    const auto at = l->address.value_or(location_address{});
    r.places.push_back(
        {l->location_id, at.country, at.state.value_or(""), l->countries, l->priority});
  }
  for (const auto& [id, quantity] : wanted) {
    r.lines.push_back(supply_of(d, id, quantity, r.places));
  }
  if (to) {
    r.country = to->country;
    r.state = to->state.value_or("");
    r.first = to->location_id;
  }
  r.rules = rules;
  const auto supply = allocate(r);
  std::size_t line = 0;
  for (const auto& [id, quantity] : wanted) {
    auto& list = made[id];
    for (std::size_t p = 0; p < r.places.size(); ++p) {
      // What no location has is owed by the default one.
      const bool other = r.places[p].location_id != default_location;
      if (other && supply[line][p] > 0) list.push_back({r.places[p].location_id, supply[line][p]});
    }
    ++line;
  }
  return made;
}

std::int64_t sum_of(const allocations& list) {
  std::int64_t sum = 0;
  for (const auto& a : list) sum += a.quantity;
  return sum;
}

allocations first_units(const allocations& from, std::int64_t units) {
  allocations first;
  for (const auto& a : from) {
    const auto n = std::min(a.quantity, units);
    if (n > 0) first.push_back({a.location_id, n});
    units -= n;
  }
  return first;
}

allocations rest_of(allocations all, const allocations& without) {
  for (const auto& a : without) {
    const auto at = std::ranges::find(all, a.location_id, &allocation::location_id);
    if (at != all.end()) at->quantity -= a.quantity;
  }
  std::erase_if(all, [](const allocation& a) { return a.quantity <= 0; });
  return all;
}

void add_to(allocations& all, const allocations& more) {
  for (const auto& a : more) {
    const auto at = std::ranges::find(all, a.location_id, &allocation::location_id);
    if (at == all.end()) {
      all.push_back(a);
    } else {
      at->quantity += a.quantity;
    }
  }
}

stock_view stock_view_of(decision& d, const stock_row& s) {
  return view_of(s, levels_of(d, s.product_id));
}

place released_at(place where) {
  return fault("release_elsewhere") ? std::nullopt : where;
}

place returned_to(decision& d, stoa::product_id id, place where) {
  const auto* stock = d.of<stock_row>().find(id);
  const auto* location = where ? d.of<location_row>().find(*where) : nullptr;
  if (!location || !location->active || !stock || !stock->sellable) return std::nullopt;
  return where;
}

}  // namespace stoa::catalog
