// The locations that supply an order: what staff see of them, and moves of its units to others.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/base/fault.hpp"
#include "storage/catalog/location_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

order_allocation allocation_view_of(const reservation_row& r) {
  order_allocation one{r.product_id, r.quantity, r.status, {}, restocked(r)};
  for_each_place(r.quantity, r.allocations, [&](place where, std::int64_t units) {
    one.allocations.push_back({where.value_or(default_location), units});
  });
  return one;
}

/// All products of the order, as the query lists them.
order_allocation_list allocations_of(decision& d, stoa::order_id id) {
  order_allocation_list list;
  for (const auto* r : d.of<reservation_row>().where<&reservation_row::order_id>(id)) {
    list.data.push_back(allocation_view_of(*r));
  }
  std::ranges::sort(list.data, {}, &order_allocation::product_id);
  return list;
}

/// For the event.
std::vector<supply> listed_supplies(const order_allocation_list& list) {
  std::vector<supply> all;
  for (const auto& one : list.data) {
    for (const auto& a : one.allocations) {
      all.push_back({one.product_id, a.location_id, a.quantity});
    }
  }
  return all;
}

/// The units at the location that refunds have not returned.
std::int64_t units_left_at(const reservation_row& r, place where) {
  std::int64_t sum = 0;
  for_each_place(r.quantity - std::min(r.quantity, restocked(r)), allocations_left(r),
                 [&](place at, std::int64_t units) { sum += at == where ? units : 0; });
  return sum;
}

/// The units of one product change their location. Its totals stay.
class unit_move {
 public:
  /// `pointer`: of the move in the request.
  unit_move(decision& d, const move_allocations& m, const allocation_move& move,
            std::string pointer)
      : d_(d),
        m_(m),
        move_(move),
        from_(place_of(move.from_location_id)),
        to_(place_of(move.to_location_id)),
        pointer_(std::move(pointer)) {}

  /// The problem, if the units cannot be moved.
  std::optional<problem> run() {
    const auto* found = d_.of<reservation_row>().find(m_.order_id, move_.product_id);
    if (!found) {
      return invalid_field(pointer_ + "/product_id", "unknown",
                           "The order does not have this product.");
    }
    if (auto bad = check(*found)) return bad;
    const bool is_sold = found->status == reservation_status::Sold;
    const auto back = is_sold ? returned_to(d_, move_.product_id, from_) : from_;
    // Before the units are moved: until both sides have changed, those at the default location,
    // which has what no other one has, are wrong.
    const auto free = std::max<std::int64_t>(units_at(d_, move_.product_id, to_).available(), 0) +
                      (back == to_ ? move_.quantity : 0);
    if (free < move_.quantity) {
      return refused("insufficient_stock", "/quantity",
                     "Only " + std::to_string(free) + " units at the location are not reserved.");
    }
    if (is_sold) {
      change(back, move_.quantity, 0, stock_cause::returned);
    } else {
      change(back, 0, -move_.quantity, stock_cause::release);
    }
    if (!fault("move_one_side")) {
      if (is_sold) {
        change(to_, -move_.quantity, 0, stock_cause::sale);
      } else {
        change(to_, 0, move_.quantity, stock_cause::reservation);
      }
    }
    if (!fault("move_unrecorded")) record();
    return std::nullopt;
  }

 private:
  std::optional<problem> check(const reservation_row& r) const {
    if (r.status == reservation_status::Released) {
      return refused("order_released", "/product_id",
                     "The order is cancelled: its units are released.");
    }
    if (move_.from_location_id == move_.to_location_id) {
      return invalid_field(pointer_ + "/to_location_id", "duplicate",
                           "Both locations are the same.");
    }
    if (auto bad = check_location(d_, move_.to_location_id, pointer_ + "/to_location_id")) {
      return bad;
    }
    if (m_.collected_at == move_.from_location_id) {
      return refused("pickup_location", "/from_location_id",
                     "The customer collects the order at this location.");
    }
    const auto* stock = d_.of<stock_row>().find(move_.product_id);
    if (!stock || !stock->tracked) {
      return refused("inventory_not_tracked", "/product_id",
                     "The units of this product are not counted.");
    }
    const auto left = units_left_at(r, from_);
    if (left >= move_.quantity) return std::nullopt;
    if (left == 0 && !d_.of<location_row>().find(move_.from_location_id)) {
      return invalid_field(pointer_ + "/from_location_id", "unknown", "Unknown location.");
    }
    return refused("units_not_allocated", "/quantity",
                   "The location supplies " + std::to_string(left) + " units of the product.");
  }

  problem refused(std::string code, const std::string& member, const std::string& why) const {
    auto p = conflict(std::move(code), why);
    p.errors.push_back({pointer_ + member, member == "/quantity" ? "range" : "value", why});
    return p;
  }

  void change(place where, std::int64_t on_hand, std::int64_t reserved, stock_cause cause) {
    change_units(d_, {move_.product_id, d_.new_id<stoa::ledger_id>(), on_hand, reserved, cause,
                      m_.order_id.str(), m_.change.reason, d_.context.who.str(), d_.now, where});
  }

  void record() {
    auto& r = d_.of<reservation_row>().edit(m_.order_id, move_.product_id);
    if (from_) r.allocations = rest_of(std::move(r.allocations), {{*from_, move_.quantity}});
    if (to_) add_to(r.allocations, {{*to_, move_.quantity}});
  }

  decision& d_;
  const move_allocations& m_;
  const allocation_move& move_;
  const place from_;
  const place to_;
  const std::string pointer_;
};

}  // namespace

std::int64_t restocked(const reservation_row& r) {
  std::int64_t sum = 0;
  for (const auto& s : r.restocks) sum += s.quantity;
  return sum;
}

allocations allocations_left(const reservation_row& r) {
  auto left = r.allocations;
  for (const auto& s : r.restocks) left = rest_of(std::move(left), s.allocations);
  return left;
}

bool is_split(std::int64_t quantity, const allocations& at) {
  return at.size() > 1 || (!at.empty() && sum_of(at) < quantity);
}

void catalog_service::needs(const move_allocations& m, need_list& list,
                            const records& loaded) const {
  list.add<&reservation_row::order_id>(m.order_id);
  need_locations(list);
  for (const auto& move : m.change.moves) {
    list.add<&stock_row::product_id>(move.product_id);
    need_levels(move.product_id, list, loaded);
  }
}

/// Whether the order has shipped is the Order service's answer before the decision. A shipment that
/// is decided at the same moment is not noticed, which counts no unit wrongly.
result<order_allocation_list> catalog_service::decide(const move_allocations& m,
                                                      decision& d) const {
  auto before = allocations_of(d, m.order_id);
  if (before.data.empty()) return not_found("reservation");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return before; })) {
    return std::move(*bad);
  }
  if (m.has_shipped) return conflict("order_shipped", "The order has been shipped.");
  std::int64_t units = 0;
  for (std::size_t i = 0; i < m.change.moves.size(); ++i) {
    const auto& move = m.change.moves[i];
    unit_move one(d, m, move, "/moves/" + std::to_string(i));
    if (auto bad = one.run()) return std::move(*bad);
    units += move.quantity;
  }
  auto after = allocations_of(d, m.order_id);
  d.emit(m.order_id, stock_reallocated{m.order_id, listed_supplies(after)});
  const bool split =
      std::ranges::any_of(d.of<reservation_row>().where<&reservation_row::order_id>(m.order_id),
                          [](const auto* r) { return is_split(r->quantity, r->allocations); });
  d.effect(count_allocation{m.order_id, split, units, d.context.who.str()});
  return after;
}

result<order_allocation_list> catalog_service::read(const get_order_allocations& q,
                                                    const call_context&, db::connection& c) const {
  order_allocation_list list;
  for (const auto& r : read_reservations(c, q.order_id)) list.data.push_back(allocation_view_of(r));
  if (list.data.empty()) return not_found("reservation");
  return list;
}

}  // namespace stoa::catalog
