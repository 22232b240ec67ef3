#include "tests/simulation/examination.hpp"

namespace stoa::simulation {

namespace {

const db::sql all_levels{"check levels",
                         "SELECT " + db::column_list<catalog::level_row>() + " FROM stock_levels"};
const db::sql located_stock{"check located", "SELECT " + db::column_list<catalog::stock_row>() +
                                                 " FROM inventory WHERE located=1"};
const db::sql tracked_stock{
    "check tracked stock",
    "SELECT " + db::column_list<catalog::stock_row>() + " FROM inventory WHERE tracked=1"};
const db::sql all_reservations{
    "check allocations",
    "SELECT " + db::column_list<catalog::reservation_row>() + " FROM reservations"};
const db::sql all_holds{"check allocations of holds",
                        "SELECT " + db::column_list<catalog::hold_row>() + " FROM stock_holds"};
const db::sql located_ledger{"check ledger of locations",
                             "SELECT " + db::column_list<catalog::ledger_row>() +
                                 " FROM stock_ledger WHERE location_id IS NOT NULL"};

struct level_sums {
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t ledger_on_hand = 0;
  std::int64_t ledger_reserved = 0;
  std::int64_t allocated = 0;
};

}  // namespace

/// The units at each location are those of its ledger, and the reserved ones those of reservations
/// and holds.
void examination::check_levels(outcome_counts& counts) {
  std::map<std::pair<stoa::product_id, stoa::location_id>, level_sums> levels;
  std::map<stoa::product_id, level_sums> elsewhere;
  for (const auto& l : rows<catalog::level_row>("catalog", all_levels)) {
    auto& sums = levels[{l.product_id, l.location_id}];
    sums.on_hand = l.on_hand;
    sums.reserved = l.reserved;
    elsewhere[l.product_id].reserved += l.reserved;
  }
  for (const auto& l : rows<catalog::ledger_row>("catalog", located_ledger)) {
    auto& sums = levels[{l.product_id, *l.location_id}];
    sums.ledger_on_hand += l.on_hand_change;
    sums.ledger_reserved += l.reserved_change;
  }
  // By order, product and location: what its allocations and its ledger say of sold units.
  std::map<std::tuple<std::string, stoa::product_id, stoa::location_id>, std::int64_t> sold;
  for (const auto& l : rows<catalog::ledger_row>("catalog", located_ledger)) {
    if (l.reference) sold[{*l.reference, l.product_id, *l.location_id}] += l.on_hand_change;
    counts.moved += l.note == "moved" ? 1 : 0;
  }
  std::set<stoa::product_id> tracked;
  for (const auto& s : rows<catalog::stock_row>("catalog", tracked_stock)) {
    tracked.insert(s.product_id);
  }
  const auto add = [&](const auto& r, bool open) {
    std::int64_t sum = 0;
    for (const auto& a : r.allocations) {
      sum += a.quantity;
      if (open) levels[{r.product_id, a.location_id}].allocated += a.quantity;
    }
    if (sum > r.quantity) wrong(text(r.order_id), ": more is allocated than ordered");
  };
  for (const auto& r : rows<catalog::reservation_row>("catalog", all_reservations)) {
    add(r, r.status == catalog::reservation_status::Active);
    const bool whole = r.allocations.size() == 1 && r.allocations.front().quantity == r.quantity;
    counts.split += r.allocations.empty() || whole ? 0 : 1;
    if (r.status != catalog::reservation_status::Sold || !tracked.contains(r.product_id)) {
      continue;
    }
    const auto order = r.order_id.str();
    for (const auto& a : r.allocations) sold[{order, r.product_id, a.location_id}] += a.quantity;
    for (const auto& s : r.restocks) {
      for (const auto& a : s.allocations) sold[{order, r.product_id, a.location_id}] -= a.quantity;
    }
  }
  for (const auto& [key, units] : sold) {
    if (units == 0) continue;
    wrong("order ", std::get<0>(key), ": the units sold from location ",
          std::get<2>(key).str().substr(24), " differ by ", text(units), " from its ledger");
  }
  for (const auto& h : rows<catalog::hold_row>("catalog", all_holds)) add(h, true);
  for (const auto& [key, l] : levels) {
    const auto name =
        "product " + key.first.str().substr(24) + ": at location " + key.second.str().substr(24);
    if (l.on_hand != l.ledger_on_hand || l.reserved != l.ledger_reserved) {
      wrong(name, " there are ", text(l.on_hand), " units, ", text(l.reserved),
            " reserved, by the ledger ", text(l.ledger_on_hand), " and ", text(l.ledger_reserved));
    }
    if (l.reserved != l.allocated) {
      wrong(name, " ", text(l.reserved), " are reserved; ", text(l.allocated),
            " are allocated at location ", key.second.str().substr(24));
    }
  }
  std::size_t located = 0;
  for (const auto& s : rows<catalog::stock_row>("catalog", located_stock)) {
    ++located;
    const auto at = elsewhere.find(s.product_id);
    if (at == elsewhere.end() || at->second.reserved > s.reserved) {
      wrong("product ", s.product_id.str().substr(24),
            ": its stock does not include its locations");
    }
  }
  if (located != elsewhere.size()) wrong("a product at a location is not marked as located");
}

}  // namespace stoa::simulation
