// Holds: units that stay reserved for a cart after its payment was declined. A hold follows the
// cart's lines, and ends at its deadline or when the product is no longer sold.

#include "actors/catalog/catalog_parts.hpp"

#include <algorithm>

namespace stoa::catalog {

using kernel::applied;
using decision = catalog_service::decision;

std::vector<hold_row> holds_of(catalog_service::decision& d, stoa::cart_id cart) {
  std::vector<hold_row> holds;
  for (const auto* h : d.of<hold_row>().where<&hold_row::cart_id>(cart)) holds.push_back(*h);
  return holds;
}

void need_stock(stoa::product_id id, catalog_service::need_list& list,
                const catalog_service::records& loaded) {
  list.add<&stock_row::product_id>(id);
  need_levels(id, list, loaded);
  need_retired(id, list, loaded);
}

void need_holds(stoa::cart_id cart, catalog_service::need_list& list,
                const catalog_service::records& loaded) {
  list.add<&hold_row::cart_id>(cart);
  for (const auto* h : loaded.of<hold_row>().where<&hold_row::cart_id>(cart)) {
    // In the same round as the stock: the number of load rounds is bounded.
    list.add<&product_row::product_id>(h->product_id);
    need_stock(h->product_id, list, loaded);
  }
}

void reduce_hold(catalog_service::decision& d, const hold_row& hold, std::int64_t to) {
  const hold_row was = hold;
  to = std::max<std::int64_t>(to, 0);
  const auto kept = first_units(was.allocations, to);
  if (to == 0) {
    d.of<hold_row>().erase(was.cart_id, was.product_id);
  } else {
    auto& h = d.of<hold_row>().edit(was.cart_id, was.product_id);
    h.quantity = to;
    h.allocations = kept;
  }
  if (!d.of<stock_row>().find(was.product_id)) return;
  for_each_place(was.quantity - to, rest_of(was.allocations, kept),
                 [&](place where, std::int64_t units) {
                   change_stock(d, was.product_id, 0, -units, stock_cause::release,
                                was.order_id.str(), std::nullopt, released_at(where));
                 });
  end_removal(d, was.product_id);
}

void hold(catalog_service::decision& d, const reservation_row& reserved, stoa::cart_id cart,
          timestamp until) {
  auto& r = d.of<reservation_row>().edit(reserved.order_id, reserved.product_id);
  r.status = reservation_status::Released;
  if (const auto* older = d.of<hold_row>().find(cart, r.product_id)) reduce_hold(d, *older, 0);
  d.of<hold_row>().insert(
      {cart, r.product_id, r.order_id, r.quantity, until, d.now, r.allocations});
}

bool is_sold(decision& d, stoa::product_id id) {
  const auto* p = d.of<product_row>().find(id);
  const auto* stock = d.of<stock_row>().find(id);
  return p && p->status == product_status::Active && stock && stock->sellable;
}

void need_holds_of(stoa::product_id id, catalog_service::need_list& list,
                   const catalog_service::records& loaded) {
  const auto* stock = loaded.of<stock_row>().find(id);
  if (stock && stock->reserved > 0) list.add<&hold_row::product_id>(id);
  need_levels(id, list, loaded);
}

void release_holds_of(decision& d, stoa::product_id id) {
  for (const auto* h : d.of<hold_row>().where<&hold_row::product_id>(id)) reduce_hold(d, *h, 0);
}

void release_all_holds(decision& d, stoa::product_id id) {
  release_holds_of(d, id);
  for (const auto* v : variants_of(d, id)) release_holds_of(d, v->product_id);
}

void catalog_service::needs(const cart::lines_reduced& e, need_list& list,
                            const records& loaded) const {
  need_holds(e.cart_id, list, loaded);
}

applied catalog_service::decide(const cart::lines_reduced& e, decision& d) const {
  for (const auto& line : e.lines) {
    const auto* h = d.of<hold_row>().find(e.cart_id, line.product_id);
    if (h && h->quantity > line.quantity) reduce_hold(d, *h, line.quantity);
  }
  return std::nullopt;
}

void catalog_service::needs(const cart::cart_merged& e, need_list& list,
                            const records& loaded) const {
  need_holds(e.cart_id, list, loaded);
  need_holds(e.into, list, loaded);
}

applied catalog_service::decide(const cart::cart_merged& e, decision& d) const {
  for (auto h : holds_of(d, e.cart_id)) {
    d.of<hold_row>().erase(h.cart_id, h.product_id);
    h.cart_id = e.into;
    if (!d.of<hold_row>().find(h.cart_id, h.product_id)) {
      d.of<hold_row>().insert(h);
      continue;
    }
    // Both carts have a hold: add them, until the earlier deadline.
    auto& both = d.of<hold_row>().edit(h.cart_id, h.product_id);
    both.quantity += h.quantity;
    add_to(both.allocations, h.allocations);
    both.deadline = std::min(both.deadline, h.deadline);
  }
  return std::nullopt;
}

void catalog_service::needs(const release_holds& m, need_list& list, const records& loaded) const {
  for (auto id : m.cart_ids) need_holds(id, list, loaded);
}

result<kernel::nothing> catalog_service::decide(const release_holds& m, decision& d) const {
  for (auto id : m.cart_ids) {
    for (const auto& h : holds_of(d, id)) {
      if (h.deadline <= d.now) reduce_hold(d, h, 0);
    }
  }
  return kernel::nothing{};
}

}  // namespace stoa::catalog
