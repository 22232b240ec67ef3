// What the staff of a simulated store does: it ships, captures and refunds, and repeats requests
// under other keys.

#include "actors/pricing/refund_shares.hpp"
#include "tests/simulation/buyers.hpp"

namespace stoa::simulation {

using kernel::any_message;

namespace {

constexpr unsigned captured_by_staff_percent = 10;
constexpr unsigned shipped_twice_percent = 60;
constexpr unsigned cancelled_late_percent = 25;
constexpr unsigned shipped_later_percent = 50;
constexpr unsigned by_line_percent = 60;
constexpr unsigned too_many_units_percent = 8;

const kernel::caller of_staff{kernel::caller_kind::user, {}, kernel::role::staff};

void acknowledge(purchase& p, std::string_view verb, const order::order_view& o) {
  if (verb == "cancel") p.cancel_acknowledged = true;
  if (verb == "deliver") p.deliver_acknowledged = true;
  // Otherwise the shipment waits for the capture.
  if (verb == "ship" && o.status == order::order_status::Shipped) p.ship_acknowledged = true;
}

bool may_refuse_refund(const std::string& code) {
  return code == "payment_not_captured" || code == "refund_exceeds_captured" ||
         code == "refund_exceeds_line" || code == "validation_failed";
}

bool may_refuse_move(const std::string& code) {
  return code == "insufficient_stock" || code == "units_not_allocated" ||
         code == "order_released" || code == "order_shipped" || code == "inventory_not_tracked";
}

}  // namespace

void buyers::plan_shipment(buyer& b) {
  const auto change = [this, &b](const char* verb, bool wait) {
    b.script.emplace_back([this, &b, verb, wait] { plan_change(b, verb, wait); });
  };
  if (world_.random.chance(captured_by_staff_percent)) {
    b.script.emplace_back([this, &b] { capture(b); });
  }
  change("ship", true);
  if (world_.random.chance(shipped_twice_percent)) change("ship", false);
  if (world_.random.chance(cancelled_late_percent)) change("cancel", false);
  if (world_.random.chance(shipped_later_percent)) change("ship", true);
  change("deliver", true);
}

/// Changes the last order, if any; with `wait` only after it has left Pending and no shipment waits
/// for its capture.
void buyers::plan_change(buyer& b, std::string_view verb, bool wait) {
  if (!b.last || !b.last->order) return;
  if (wait) {
    auto o = world_.ask("order", order::get_order{*b.last->order, true}, of_staff);
    if (o && (o->status == order::order_status::Pending || o->shipment_requested_at)) {
      b.script.emplace_front([this, &b, verb] { plan_change(b, verb, true); });
      return;
    }
  }
  change_order(b, *b.last, verb);
}

void buyers::change_order(buyer& b, purchase& p, std::string_view verb) {
  auto r = start(b, "order", std::string(verb));
  auto id = *p.order;
  if (verb == "cancel") {
    r->make = [id] { return any_message::of(order::cancel_order{id, true, std::nullopt}); };
  } else if (verb == "ship") {
    r->context.who = of_staff;
    r->make = [id] { return any_message::of(order::ship_order{id, std::nullopt}); };
  } else {
    r->context.who = of_staff;
    r->make = [id] { return any_message::of(order::deliver_order{id, std::nullopt}); };
  }
  const auto done = std::make_shared<bool>(false);
  r->first_answer = [this, &p, done, verb](const kernel::answer& a) {
    *done = !a.error;
    if (*done) {
      acknowledge(p, verb, value_of<order::order_view>(a));
    } else if (a.error->code != "illegal_transition") {
      violated(std::string(verb) + " refused: " + a.error->code);
    }
  };
  r->next_answer = [this, done, verb](const kernel::answer& a) {
    if (*done == a.error.has_value()) {
      violated("a repeated " + std::string(verb) + " was answered differently from the first");
    }
  };
  send(r);
}

/// Staff capture the payment of the last order before it is shipped.
void buyers::capture(buyer& b) {
  if (!b.last || !b.last->order) return;
  const auto order = *b.last->order;
  const auto page = world_.ask("payment", payment::get_order_payments{order}, of_staff);
  if (!page || page->data.empty()) return;
  b.last->captured_by_staff = true;
  auto r = start(b, "payment", "capture");
  r->context.who = of_staff;
  r->make = [id = page->data.front().payment_id, order] {
    return any_message::of(payment::capture_payment{id, order});
  };
  r->first_answer = [this](const kernel::answer& a) {
    if (a.error && a.error->code != "payment_not_authorized") {
      violated("capture refused: " + a.error->code);
    }
  };
  r->next_answer = [](const kernel::answer&) {};
  send(r);
}

payment::request_refund buyers::part_of(const payment::payment_view& paid) {
  const money part{world_.random.between(1, paid.amount.amount), paid.amount.currency};
  return {paid.payment_id, paid.order_id, part, "damaged"};
}

/// Some lines of the order, some with an amount by staff, as the route requests them.
payment::request_refund buyers::lines_of(const payment::payment_view& paid) {
  payment::request_refund m{paid.payment_id, paid.order_id, std::nullopt, "damaged"};
  const auto order = world_.ask("order", order::get_order{paid.order_id, true}, of_staff);
  if (!order) return paid.amount.amount > 0 ? part_of(paid) : m;
  std::vector<std::int64_t> totals;
  for (const auto& i : order->items) totals.push_back(i.line_total.amount);
  const auto shares = pricing::shares_of(
      pricing::amounts_of(std::move(totals), order->price_parts, order->total_amount.amount));
  auto& random = world_.random;
  m.line_items.emplace();
  const auto always = random.below(order->items.size());
  for (std::size_t n = 0; n < order->items.size(); ++n) {
    if (n != always && random.chance(50)) continue;
    const auto& i = order->items[n];
    payment::refund_item item{i.order_item_id,
                              i.product_id,
                              i.name,
                              random.between(1, i.quantity),
                              std::nullopt,
                              i.quantity,
                              {shares.lines[n], order->currency}};
    if (random.chance(too_many_units_percent)) item.quantity = i.quantity + 1;
    if (shares.lines[n] > 0 && random.chance(25)) {
      item.amount = money{random.between(1, shares.lines[n]), order->currency};
    }
    // Only the price is reduced.
    if (item.amount && random.chance(30)) item.quantity = 0;
    m.line_items->push_back(std::move(item));
  }
  m.restock = random.chance(50);
  return m;
}

void buyers::transfer(buyer& b) {
  auto& random = world_.random;
  const auto product = products_[random.below(stock_.size())].id;
  const auto from = random.below(locations_.size());
  const auto to = (from + 1 + random.below(locations_.size() - 1)) % locations_.size();
  const catalog::stock_transfer wanted{locations_[from], locations_[to], random.between(1, 4),
                                       std::nullopt};
  auto r = start(b, "catalog", "transfer");
  r->context.who = of_staff;
  r->make = [product, wanted] { return any_message::of(catalog::transfer_stock{product, wanted}); };
  const auto done = std::make_shared<bool>(false);
  r->first_answer = [this, done](const kernel::answer& a) {
    *done = !a.error;
    if (a.error && a.error->code != "insufficient_stock") {
      violated("transfer refused: " + a.error->code);
    }
  };
  r->next_answer = [this, done](const kernel::answer& a) {
    if (*done == a.error.has_value()) {
      violated("a repeated transfer was answered differently from the first");
    }
  };
  send(r);
}

void buyers::move_allocation(buyer& b) {
  if (!b.last || !b.last->order) return;
  auto& random = world_.random;
  const auto id = *b.last->order;
  const auto order = world_.ask("order", order::get_order{id, true}, of_staff);
  const auto list = world_.ask("catalog", catalog::get_order_allocations{id}, of_staff);
  if (!order || !list) return;
  catalog::move_allocations command{id, {{}, "moved"}};
  command.has_shipped = order->status == order::order_status::Shipped ||
                        order->status == order::order_status::Delivered;
  const auto moves = random.between(1, 2);
  for (std::int64_t i = 0; i < moves; ++i) {
    const auto& one = list->data[random.below(list->data.size())];
    const auto& from = one.allocations[random.below(one.allocations.size())];
    auto to = locations_[random.below(locations_.size())];
    if (to == from.location_id) to = locations_[0] == to ? locations_[1] : locations_[0];
    command.change.moves.push_back({one.product_id, from.location_id, to,
                                    random.chance(80) ? 1 : random.between(1, from.quantity + 1)});
  }
  auto r = start(b, "catalog", "move");
  r->context.who = of_staff;
  r->make = [command] { return any_message::of(command); };
  const auto done = std::make_shared<bool>(false);
  r->first_answer = [this, done](const kernel::answer& a) {
    *done = !a.error;
    if (a.error && !may_refuse_move(a.error->code)) {
      violated("a move of units of an order refused: " + a.error->code);
    }
  };
  r->next_answer = [this, done](const kernel::answer& a) {
    if (*done == a.error.has_value()) {
      violated("a repeated move was answered differently from the first");
    }
  };
  send(r);
}

/// Staff refund a part of the last order: an amount or lines.
void buyers::refund(buyer& b) {
  if (!b.last || !b.last->order) return;
  const auto page = world_.ask("payment", payment::get_order_payments{*b.last->order}, of_staff);
  if (!page || page->data.empty()) return;
  const auto& paid = page->data.front();
  auto wanted = world_.random.chance(by_line_percent) || paid.amount.amount == 0 ? lines_of(paid)
                                                                                 : part_of(paid);
  const auto order = world_.ask("order", order::get_order{paid.order_id, true}, of_staff);
  if (order) wanted.credits = order->credits;
  // Of half of them, staff choose the split.
  const auto& bytes = paid.payment_id.value.bytes;
  if (wanted.credits && bytes[15] % 2 == 0) {
    const auto& first = wanted.credits->front().amount;
    wanted.credit_amount = money{first.amount * bytes[14] / 255, first.currency};
  }
  auto r = start(b, "payment", "refund");
  r->context.who = of_staff;
  r->make = [wanted] { return any_message::of(wanted); };
  const auto done = std::make_shared<bool>(false);
  r->first_answer = [this, p = b.last, wanted, done](const kernel::answer& a) {
    *done = !a.error;
    if (*done) {
      const auto& made = value_of<payment::refund_view>(a);
      p->refunds[made.refund_id] = {wanted, made.amount};
    } else if (!may_refuse_refund(a.error->code)) {
      violated("refund rejected: " + a.error->code);
    }
  };
  r->next_answer = [this, done](const kernel::answer& a) {
    if (*done == a.error.has_value()) {
      violated("a repeated refund was answered differently from the first");
    }
  };
  send(r);
}

}  // namespace stoa::simulation
