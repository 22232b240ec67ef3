// Stock: reservations, sales and releases of orders, and adjustments by staff. `available = on hand
// - reserved` never becomes negative, except for products that may be oversold: enforced by the
// decisions and by the table's CHECK.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "storage/base/backoff.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::catalog {

using kernel::applied;

namespace {

constexpr std::size_t sweep_max = 256;

/// The order's quantities by product.
std::map<stoa::product_id, std::int64_t> quantities(const order::order_summary& o) {
  std::map<stoa::product_id, std::int64_t> wanted;
  for (const auto& line : o.lines) {
    auto& sum = wanted[line.product_id];
    // A sum beyond the limit exceeds any stock: it is capped and rejected.
    sum = line.quantity > stock_max - sum ? stock_max + 1 : sum + line.quantity;
  }
  return wanted;
}

/// Why the quantity is unavailable; empty: it is available. `held`: units held for the order's
/// cart.
std::optional<std::string> missing(const stock_row* stock, std::int64_t quantity,
                                   std::int64_t held = 0) {
  if (!stock || !stock->sellable) return "The product is no longer sold.";
  if (quantity <= 0) return "The quantity is not positive.";
  const auto available = stock->available() + held;
  if (stock->unlimited()) {
    if (available - quantity >= -stock_max) return std::nullopt;
    return "The quantity exceeds the maximum stock.";
  }
  if (available >= quantity) return std::nullopt;
  if (available <= 0) return "The product is sold out.";
  return "Only " + std::to_string(available) + " of " + std::to_string(quantity) +
         " are available.";
}

/// Needs the locations if units of the order may return to some.
void need_places(const order::order_summary& o, catalog_service::need_list& list,
                 const catalog_service::records& loaded) {
  for (const auto& line : o.lines) {
    const auto* r = loaded.of<reservation_row>().find(o.order_id, line.product_id);
    if (r && !r->allocations.empty()) need_locations(list);
  }
}

void need_lines(const order::order_summary& o, catalog_service::need_list& list,
                const catalog_service::records& loaded) {
  list.add<&reservation_row::order_id>(o.order_id);
  for (const auto& line : o.lines) need_stock(line.product_id, list, loaded);
  need_places(o, list, loaded);
}

/// For the event: the units of an order by location, if some are not at the default one.
std::optional<std::vector<supply>> supplies_of(
    const std::map<stoa::product_id, std::int64_t>& wanted,
    const std::map<stoa::product_id, allocations>& allocated) {
  const bool any = std::ranges::any_of(allocated, [](const auto& a) { return !a.second.empty(); });
  if (!any) return std::nullopt;
  std::vector<supply> list;
  for (const auto& [id, quantity] : wanted) {
    for_each_place(quantity, allocated.at(id), [&, product = id](place where, std::int64_t units) {
      list.push_back({product, where.value_or(default_location), units});
    });
  }
  return list;
}

/// Settles a reservation: sells or releases its units, or returns sold units.
void settle(catalog_service::decision& d, const reservation_row& held, reservation_status to) {
  auto from = held.status;
  auto& r = d.of<reservation_row>().edit(held.order_id, held.product_id);
  r.status = to;
  if (!d.of<stock_row>().find(r.product_id)) return;
  // The units of a product that is not tracked are not counted.
  const bool tracked = d.of<stock_row>().find(r.product_id)->tracked;
  const auto change = [&](place where, std::int64_t on_hand, std::int64_t reserved,
                          stock_cause cause) {
    change_stock(d, r.product_id, on_hand, reserved, cause, r.order_id.str(), std::nullopt, where);
  };
  if (to == reservation_status::Sold) {
    for_each_place(r.quantity, r.allocations, [&](place where, std::int64_t units) {
      change(where, tracked ? -units : 0, -units, stock_cause::sale);
    });
  } else if (from == reservation_status::Sold) {
    const auto left = tracked ? r.quantity - std::min(r.quantity, restocked(r)) : 0;
    if (left == 0) return;
    for_each_place(left, allocations_left(r), [&](place where, std::int64_t units) {
      change(returned_to(d, r.product_id, where), units, 0, stock_cause::returned);
    });
  } else {
    for_each_place(r.quantity, r.allocations, [&](place where, std::int64_t units) {
      change(released_at(where), 0, -units, stock_cause::release);
    });
  }
  end_removal(d, r.product_id);
}

}  // namespace

void set_policy(stock_row& stock, std::optional<bool> tracked, std::optional<bool> backorder) {
  stock.tracked = tracked.value_or(stock.tracked);
  stock.backorder = backorder.value_or(stock.backorder);
  if (stock.unlimited()) {
    stock.available_min.reset();
  } else {
    // Units already owed to back-orders stay owed.
    stock.available_min = std::min<std::int64_t>(0, stock.available());
  }
}

void change_stock(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                  std::int64_t reserved, stock_cause cause, std::optional<std::string> reference,
                  std::optional<std::string> note, place where) {
  auto& stock = d.of<stock_row>().edit(id);
  stock.on_hand += on_hand;
  stock.reserved += reserved;
  if (stock.available_min) {
    stock.available_min =
        std::min<std::int64_t>(0, std::max(*stock.available_min, stock.available()));
  }
  change_units(d, {id, d.new_id<stoa::ledger_id>(), on_hand, reserved, cause, std::move(reference),
                   std::move(note), d.context.who.str(), d.now, where});
}

void set_on_hand(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                 stock_cause cause, std::optional<std::string> note) {
  auto& stock = d.of<stock_row>().edit(id);
  if (stock.available_min) {
    stock.available_min = std::min(*stock.available_min, on_hand - stock.reserved);
  }
  change_stock(d, id, on_hand - stock.on_hand, 0, cause, std::nullopt, std::move(note));
}

void catalog_service::needs(const order::order_placed& e, need_list& list,
                            const records& loaded) const {
  need_lines(e.order, list, loaded);
  need_holds(e.order.cart_id, list, loaded);
  for (const auto& line : e.order.lines) {
    const auto* stock = loaded.of<stock_row>().find(line.product_id);
    if (stock && stock->located) need_locations(list);
  }
}

applied catalog_service::decide(const order::order_placed& e, decision& d) const {
  const auto& o = e.order;
  auto wanted = quantities(o);
  // Rows of the order mean that it was already processed or cancelled: nothing to reserve.
  for (const auto& [id, quantity] : wanted) {
    if (d.of<reservation_row>().find(o.order_id, id)) return std::nullopt;
  }
  // Units held for the cart after a declined payment are used for this order.
  const auto holds = holds_of(d, o.cart_id);
  for (const auto& [id, quantity] : wanted) {
    const auto* mine = d.of<hold_row>().find(o.cart_id, id);
    if (auto why = missing(d.of<stock_row>().find(id), quantity, mine ? mine->quantity : 0); why) {
      d.emit(o.order_id, stock_rejected{o.order_id, id, std::move(*why)});
      return std::nullopt;
    }
  }
  for (const auto& h : holds) reduce_hold(d, h, 0);
  auto allocated = allocate_units(d, wanted, e.delivery, options_.allocation);
  stock_reserved reserved{o.order_id, o.user_id, o.amount_due.value_or(o.total), e.instrument_id,
                          supplies_of(wanted, allocated)};
  for (const auto& [id, quantity] : wanted) {
    const auto from = allocated.empty() ? allocations() : allocated[id];
    d.of<reservation_row>().insert({o.order_id,
                                    id,
                                    quantity,
                                    reservation_status::Active,
                                    d.now + options_.reservation_ttl,
                                    d.now,
                                    {},
                                    from});
    // Before the holds were released, too.
    auto before = counted_units(d, id);
    for (const auto& h : holds) {
      if (before && h.product_id == id) *before -= h.quantity;
    }
    for_each_place(quantity, from, [&, product = id](place where, std::int64_t units) {
      change_stock(d, product, 0, units, stock_cause::reservation, o.order_id.str(), std::nullopt,
                   where);
    });
    report_low_stock(d, id, before, options_.low_stock_threshold);
  }
  d.emit(o.order_id, reserved);
  if (std::ranges::any_of(allocated,
                          [&](const auto& a) { return is_split(wanted.at(a.first), a.second); })) {
    d.effect(count_allocation{o.order_id, true});
  }
  return std::nullopt;
}

void catalog_service::needs(const order::order_confirmed& e, need_list& list,
                            const records& loaded) const {
  need_lines(e.order, list, loaded);
}

applied catalog_service::decide(const order::order_confirmed& e, decision& d) const {
  for (const auto& [id, quantity] : quantities(e.order)) {
    const auto* held = d.of<reservation_row>().find(e.order.order_id, id);
    if (held && held->status == reservation_status::Active) {
      settle(d, *held, reservation_status::Sold);
    }
  }
  return std::nullopt;
}

void catalog_service::needs(const order::order_cancelled& e, need_list& list,
                            const records& loaded) const {
  need_lines(e.order, list, loaded);
  if (!e.held_until) return;
  need_holds(e.order.cart_id, list, loaded);
  for (const auto& line : e.order.lines) list.add<&product_row::product_id>(line.product_id);
}

applied catalog_service::decide(const order::order_cancelled& e, decision& d) const {
  const bool holding = e.held_until && *e.held_until > d.now;
  for (const auto& [id, quantity] : quantities(e.order)) {
    const auto* held = d.of<reservation_row>().find(e.order.order_id, id);
    if (held) {
      if (holding && held->status == reservation_status::Active && is_sold(d, id)) {
        hold(d, *held, e.order.cart_id, *e.held_until);
      } else if (held->status != reservation_status::Released) {
        settle(d, *held, reservation_status::Released);
      }
    } else if (e.code != "stock_rejected" && e.code != "redemption_rejected" && quantity > 0) {
      // order.placed was not applied here (it is a dead letter): if it is replayed later, this row
      // marks it as too late.
      d.of<reservation_row>().insert(
          {e.order.order_id, id, quantity, reservation_status::Released, d.now, d.now});
    }
  }
  return std::nullopt;
}

void catalog_service::needs(const order::order_payment_awaited& e, need_list& list,
                            const records&) const {
  list.add<&reservation_row::order_id>(e.order.order_id);
}

/// The goods stay reserved until the order is paid or cancelled. The deadline is later than that of
/// the order, which decides.
applied catalog_service::decide(const order::order_payment_awaited& e, decision& d) const {
  const auto id = e.order.order_id;
  for (const auto* r : d.of<reservation_row>().where<&reservation_row::order_id>(id)) {
    if (r->status != reservation_status::Active) continue;
    d.of<reservation_row>().edit(id, r->product_id).deadline =
        e.pay_until + options_.reservation_ttl;
  }
  return std::nullopt;
}

void catalog_service::needs(const order::order_refunded& e, need_list& list,
                            const records& loaded) const {
  if (!e.restock.value_or(false) || !e.lines || !e.refund_id) return;
  list.add<&reservation_row::order_id>(e.order.order_id);
  for (const auto& line : *e.lines) need_stock(line.product_id, list, loaded);
  need_places(e.order, list, loaded);
}

/// Returns the units of a refund to the stock. Each refund is recorded with the sale, so that it is
/// applied once, and a later cancellation returns only the rest.
applied catalog_service::decide(const order::order_refunded& e, decision& d) const {
  if (!e.restock.value_or(false) || !e.lines || !e.refund_id) return std::nullopt;
  std::map<stoa::product_id, std::int64_t> returned;
  for (const auto& line : *e.lines) returned[line.product_id] += line.quantity;
  for (const auto& [id, quantity] : returned) {
    const auto* sold = d.of<reservation_row>().find(e.order.order_id, id);
    if (!sold || sold->status != reservation_status::Sold) continue;
    const bool known = std::ranges::any_of(
        sold->restocks, [&](const restock& s) { return s.refund_id == *e.refund_id; });
    const auto units = std::min(quantity, sold->quantity - restocked(*sold));
    if (known || units <= 0) continue;
    const auto back = first_units(allocations_left(*sold), units);
    d.of<reservation_row>()
        .edit(e.order.order_id, id)
        .restocks.push_back({*e.refund_id, units, back});
    const auto* stock = d.of<stock_row>().find(id);
    if (!stock || !stock->tracked) continue;
    for_each_place(units, back, [&, product = id](place where, std::int64_t n) {
      change_stock(d, product, n, 0, stock_cause::returned, e.order.order_id.str(), std::nullopt,
                   returned_to(d, product, where));
    });
  }
  return std::nullopt;
}

void catalog_service::needs(const expire_reservation& m, need_list& list, const records&) const {
  list.add<&reservation_row::order_id>(m.order_id);
}

result<kernel::nothing> catalog_service::decide(const expire_reservation& m, decision& d) const {
  bool overdue = false;
  for (const auto* r : d.of<reservation_row>().where<&reservation_row::order_id>(m.order_id)) {
    if (r->status != reservation_status::Active) continue;
    const bool foreign = r->deadline > latest_due(d.now, options_.deadline_max());
    if (r->deadline > d.now && !foreign) continue;
    // A foreign deadline was set while the clock was ahead: its time starts now.
    overdue |= !foreign;
    // Emitted again later if the order is still undecided.
    d.of<reservation_row>().edit(r->order_id, r->product_id).deadline =
        d.now + options_.reservation_ttl;
  }
  if (overdue) d.emit(m.order_id, reservation_expired{m.order_id});
  return kernel::nothing{};
}

std::optional<problem> check_stocked(catalog_service::decision& d, stoa::product_id id) {
  const auto* product = find_existing(d, id);
  const auto* stock = d.of<stock_row>().find(id);
  if (!product || !stock) return not_found("product");
  if (stock->sellable) return std::nullopt;
  return problem{problem_kind::validation,
                 "product_not_sellable",
                 is_being_removed(*product, *stock)
                     ? "An import has removed this variant: it is no longer sold."
                     : "A product with variants has no stock; its variants have.",
                 {}};
}

void catalog_service::needs(const adjust_stock& m, need_list& list, const records& loaded) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&stock_row::product_id>(m.product_id);
  need_levels(m.product_id, list, loaded);
  if (m.change.location_id) need_locations(list);
}

result<stock_view> catalog_service::decide(const adjust_stock& m, decision& d) const {
  if (auto bad = check_stocked(d, m.product_id)) return std::move(*bad);
  if (m.change.change.has_value() == m.change.on_hand.has_value()) {
    return invalid_field("/change", "exclusive", "Exactly one of change and on_hand is required.");
  }
  const auto location = m.change.location_id.value_or(default_location);
  if (m.change.location_id) {
    if (auto bad = check_location(d, location, "/location_id")) return std::move(*bad);
  }
  const auto where = place_of(location);
  const auto* stock = d.of<stock_row>().find(m.product_id);
  const auto units = units_at(d, m.product_id, where);
  const auto change = m.change.change ? *m.change.change : *m.change.on_hand - units.on_hand;
  const auto after = units.on_hand + change;
  // Units are owed only by the default location.
  if (change < 0 && after < units.reserved && (where || !stock->unlimited())) {
    return conflict("insufficient_stock", "Orders hold " + std::to_string(units.reserved) +
                                              " of the " + std::to_string(units.on_hand) +
                                              " units on hand.");
  }
  const auto total = stock->on_hand + change;
  if (total > stock_max || total < -stock_max || after > stock_max || after < -stock_max) {
    return invalid_field(m.change.change ? "/change" : "/on_hand", "range",
                         "The stock must be between -" + std::to_string(stock_max) + " and " +
                             std::to_string(stock_max) + " units.");
  }
  if (change != 0) {
    const auto before = counted_units(d, m.product_id);
    change_stock(d, m.product_id, change, 0, stock_cause::adjustment, std::nullopt, m.change.reason,
                 where);
    report_low_stock(d, m.product_id, before, options_.low_stock_threshold);
  }
  return stock_view_of(d, *stock);
}

kernel::due_work catalog_service::due(db::connection& c, timestamp now, bool) const {
  kernel::due_work work;
  for (auto id :
       overdue_reservations(c, now, latest_due(now, options_.deadline_max()), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(expire_reservation{id}));
  }
  if (auto carts = overdue_holds(c, now, sweep_max); !carts.empty()) {
    work.commands.push_back(kernel::any_message::of(release_holds{std::move(carts)}));
  }
  add_due_schedules(c, now, work);
  add_due_imports(c, now, work);
  add_due_exports(c, now, work);
  add_due_media(c, now, work);
  add_due_handles(c, work);
  add_indexing(c, work);
  add_due_engine(c, !options_.engine_alias.empty(), work);
  return work;
}

}  // namespace stoa::catalog
