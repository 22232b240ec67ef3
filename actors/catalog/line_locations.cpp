// Lines of locations, and the units at them in the lines of products.

#include "actors/catalog/line_product_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/location_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;
using units_by_location = std::map<stoa::location_id, std::int64_t>;

std::optional<problem> bind_location(const json::value& line, import_line& to) {
  auto bound = json::read_value<location_line>(line);
  if (!bound) return bound.error();
  if (!bound->location_id && !bound->code.value) {
    return invalid_field("/code", "required", "A location has a code or a location_id.");
  }
  to.location = std::move(*bound);
  return std::nullopt;
}

/// The location with exactly this code, or else the only one whose code differs by case.
const location_row* location_of_code(const auto& rows, const std::optional<std::string>& code) {
  if (!code) return nullptr;
  if (const auto* exact = rows.template find_by<&location_row::code>(code)) return exact;
  const location_row* found = nullptr;
  for (const auto* l : rows.template where<&location_row::list>(std::int64_t{0})) {
    if (!l->code || !is_same_code(*l->code, *code)) continue;
    if (found) return nullptr;
    found = l;
  }
  return found;
}

const location_row* stored_location(const auto& rows, const location_line& line) {
  if (line.location_id) return rows.find(*line.location_id);
  return location_of_code(rows, stored_code(line.code.value));
}

void need_location_line(const catalog_service& service, const import_line& m,
                        catalog_service::need_list& list, const catalog_service::records& all) {
  need_locations(list);
  const auto* found = stored_location(all.of<location_row>(), *m.location);
  if (!found) return;
  const location_change& change = *m.location;
  service.needs(change_location{found->location_id, change}, list, all);
}

std::string location_text(const location_row& l) {
  return json::write(
      new_location{l.name, l.code, l.address, l.priority, l.countries, l.active, l.pickup});
}

new_location first_terms(const location_line& line) {
  new_location l;
  l.name = *line.name;
  l.code = line.code.value;
  l.address = line.address.value;
  l.priority = line.priority.value_or(l.priority);
  l.countries = line.countries.value_or(l.countries);
  l.active = line.active.value_or(l.active);
  l.pickup = line.pickup.value_or(l.pickup);
  return l;
}

std::optional<problem> apply_location(line_run& run) {
  const auto& line = *run.m.location;
  auto& d = run.d;
  const auto* found = stored_location(d.of<location_row>(), line);
  run.is_new = !found;
  const auto before = found ? location_text(*found) : "";
  const auto id = found              ? found->location_id
                  : line.location_id ? *line.location_id
                                     : d.new_id<stoa::location_id>();
  if (found) {
    const location_change& change = line;
    const change_location command{id, change};
    if (const auto changed = run.service.decide(command, d); !changed) return changed.error();
  } else {
    if (!line.name) return invalid_field("/name", "required", "A location has a name.");
    const auto made = insert_location(d, id, first_terms(line));
    if (!made) return made.error();
  }
  run.changes.add({}, "location", before, location_text(*d.of<location_row>().find(id)));
  return std::nullopt;
}

/// The default location is the same in every store: it has a line once staff have changed it.
line_page read_location_lines(line_source& from) {
  line_page page;
  for (const auto& l : read_locations(from.c)) {
    if (l.is_default() && l.updated_at == l.created_at) continue;
    location_line line;
    if (l.is_default() || !l.code) line.location_id = l.location_id;
    line.name = l.name;
    if (l.code) line.code = {true, l.code};
    if (l.address) line.address = {true, l.address};
    line.priority = l.priority;
    if (!l.countries.empty()) line.countries = l.countries;
    line.active = l.active;
    line.pickup = l.pickup;
    page.lines.push_back(typed_line("location", json::write(line)));
  }
  return page;
}

/// The location with that code, or id.
const location_row* find_location(decision& d, const std::string& reference) {
  if (const auto* l = location_of_code(d.of<location_row>(), stored_code(reference))) return l;
  const auto id = stoa::location_id::parse(reference);
  return id ? d.of<location_row>().find(*id) : nullptr;
}

/// The units of the line at each location other than the default one.
result<units_by_location> wanted_levels(decision& d, const std::vector<level_line>& levels) {
  units_by_location wanted;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto at = "/levels/" + std::to_string(i) + "/location";
    const auto* l = find_location(d, levels[i].location);
    if (!l || !l->active) return invalid_field(at, "unknown", "Unknown or inactive location.");
    if (l->is_default()) {
      return invalid_field(at, "default_location", "The default location has the rest of on_hand.");
    }
    if (!wanted.emplace(l->location_id, levels[i].on_hand).second) {
      return invalid_field(at, "duplicate", "This location is listed twice.");
    }
  }
  return wanted;
}

/// The units on hand by location that an import sets, the default one's under its id: not below
/// those that orders hold there, unless oversold.
units_by_location imported_levels(decision& d, const stock_row& stock, units_by_location wanted,
                                  const std::optional<std::int64_t>& on_hand) {
  const auto id = stock.product_id;
  std::int64_t others = 0;
  for (const auto* l : d.of<level_row>().where<&level_row::product_id>(id)) {
    wanted.try_emplace(l->location_id, 0);
  }
  for (auto& [where, units] : wanted) {
    units = std::max(units, units_at(d, id, where).reserved);
    others += units;
  }
  const auto rest = units_at(d, id, std::nullopt);
  auto units = on_hand ? *on_hand - others : rest.on_hand;
  // As in imported_units(): a file that is older than the orders makes no location owe more.
  if (!stock.unlimited() && (stock.reserved != 0 || stock.located)) {
    units = std::max(units, std::min(rest.reserved, rest.on_hand));
  }
  wanted[default_location] = units;
  return wanted;
}

/// Books what differs from the stock.
void book_levels(line_run& run, stoa::product_id id, const units_by_location& target,
                 const std::optional<std::string>& label) {
  auto& d = run.d;
  for (const auto& [where, units] : target) {
    const auto before = units_at(d, id, place_of(where)).on_hand;
    if (before == units) continue;
    const auto& l = *d.of<location_row>().find(where);
    run.changes.add(label, "levels." + l.code.value_or(where.str()), std::to_string(before),
                    std::to_string(units));
    change_stock(d, id, units - before, 0, stock_cause::import, std::nullopt, std::nullopt,
                 place_of(where));
  }
  // Units already owed stay owed.
  const auto* stock = d.of<stock_row>().find(id);
  if (stock->available_min && *stock->available_min > stock->available()) {
    d.of<stock_row>().edit(id).available_min = stock->available();
  }
}

}  // namespace

std::optional<problem> set_line_stock(line_run& run, stoa::product_id id, const line_stock& wanted,
                                      bool starts) {
  auto& d = run.d;
  starts = starts || run.is_new;
  units_by_location levels;
  if (wanted.levels) {
    auto given = wanted_levels(d, *wanted.levels);
    if (!given) return given.error();
    levels = std::move(*given);
  }
  const stock_row stock = *d.of<stock_row>().find(id);
  if ((!starts && !run.set_stock) || !stock.sellable) return std::nullopt;
  const auto& p = *d.of<product_row>().find(id);
  std::optional<std::string> label;
  if (p.parent_product_id) label = p.name;
  const auto units = starts ? std::nullopt : counted_units(d, id);
  if (wanted.levels) {
    const auto target = imported_levels(d, stock, std::move(levels), wanted.on_hand);
    std::int64_t sum = 0;
    for (const auto& [where, count] : target) sum += count;
    if (sum > stock_max) {
      return invalid_field("/levels", "range",
                           "A product has at most " + std::to_string(stock_max) + " units.");
    }
    book_levels(run, id, target, label);
    if (wanted.on_hand && sum != *wanted.on_hand)
      note_stock(run.notes, p.name, *wanted.on_hand, sum);
  } else if (wanted.on_hand) {
    const auto target = imported_units(d, stock, *wanted.on_hand);
    if (target != *wanted.on_hand) note_stock(run.notes, p.name, *wanted.on_hand, target);
    if (target == stock.on_hand) return std::nullopt;
    run.changes.add(label, "on_hand", std::to_string(stock.on_hand), std::to_string(target));
    set_on_hand(d, id, target, stock_cause::import);
  }
  report_low_stock(d, id, units, run.options.low_stock_threshold);
  return std::nullopt;
}

std::map<stoa::location_id, std::string> location_references(db::connection& c) {
  std::map<stoa::location_id, std::string> references;
  for (const auto& l : read_locations(c)) {
    references.emplace(l.location_id, l.code.value_or(l.location_id.str()));
  }
  return references;
}

std::optional<std::vector<level_line>> levels_of_line(
    db::connection& c, const stock_row& stock,
    const std::map<stoa::location_id, std::string>& references) {
  if (!stock.located) return std::nullopt;
  std::vector<level_line> levels;
  for (const auto& l : read_levels(c, stock.product_id)) {
    levels.push_back({references.at(l.location_id), l.on_hand});
  }
  return levels;
}

const line_handler location_lines{"location", bind_location, need_location_line, apply_location,
                                  read_location_lines};

}  // namespace stoa::catalog
