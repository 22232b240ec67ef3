// What the order does with the events of its payment: confirmation, shipment after a capture,
// cancellation, refunds.

#include "actors/order/order_parts.hpp"
#include "actors/payment/public_failure.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::order {

using kernel::applied;

namespace {

/// Counts refunded units with their line.
void add_refund(order_service::decision& d, const order_row& o, const refund_line& line) {
  const auto* found = d.of<order_item_row>().find(line.order_item_id);
  if (!found || found->order_id != o.order_id) return;
  auto& item = d.of<order_item_row>().edit(line.order_item_id);
  item.refunded_quantity = std::min(item.quantity, item.refunded_quantity + line.quantity);
  item.refunded_amount += line.amount.amount;
}

}  // namespace

/// While a shipment waits for its capture, the last entry of the history has requested it.
order_shipment_requested shipment_of(order_service::decision& d, const order_row& o) {
  const auto history = d.of<status_history_row>().where<&status_history_row::order_id>(o.order_id);
  const auto last = std::ranges::max_element(
      history, [](const auto* a, const auto* b) { return is_earlier(*a, *b); });
  if (last == history.end()) throw std::logic_error("order: a shipment without a history");
  return {o.order_id, (*last)->actor, (*last)->seq};
}

/// Its payment is authorised or captured, or will be paid on delivery.
applied order_service::confirm(stoa::order_id id, decision& d, bool capture_at_shipment) const {
  const auto* found = d.of<order_row>().find(id);
  // Lost in a fail-over to a replica that lagged: the event becomes a dead letter, so that an
  // operator can resolve the payment.
  if (!found) return not_found("order");
  // A cancelled order's payment is refunded by the Payment service on order.cancelled.
  if (found->status != order_status::Pending) return std::nullopt;
  auto& o = d.of<order_row>().edit(id);
  o.capture_at_shipment = capture_at_shipment;
  move_to(d, o, order_status::Confirmed, std::nullopt);
  confirm_redemptions(d, o);
  d.emit(id, order_confirmed{summary_of(d, o)});
  return std::nullopt;
}

applied order_service::decide(const payment::payment_action_required& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (found && found->status == order_status::Pending) {
    d.emit(e.order_id, order_action_required{e.order_id, summary_of(d, *found)});
  }
  return std::nullopt;
}

applied order_service::decide(const payment::payment_awaited& e, decision& d) const {
  if (!e.pay_until) return confirm(e.order_id, d, false);
  const auto* found = d.of<order_row>().find(e.order_id);
  if (!found) return not_found("order");
  if (found->status != order_status::Pending || found->payment_until) return std::nullopt;
  auto& o = d.of<order_row>().edit(e.order_id);
  o.payment_until = e.pay_until;
  o.updated_at = d.now;
  d.emit(e.order_id, order_payment_awaited{summary_of(d, o), *e.pay_until, e.instructions});
  return std::nullopt;
}

applied order_service::decide(const payment::payment_authorized& e, decision& d) const {
  return confirm(e.order_id, d, e.capture_at_shipment.value_or(false));
}

/// The order is already confirmed if the payment was authorised first; then it may wait to be
/// shipped.
applied order_service::decide(const payment::payment_completed& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (!found || found->status != order_status::Confirmed || !found->capture_at_shipment) {
    return confirm(e.order_id, d, false);
  }
  auto& o = d.of<order_row>().edit(e.order_id);
  o.capture_at_shipment = false;
  if (!o.shipment_requested_at) return std::nullopt;
  o.shipment_requested_at.reset();
  move_to(d, o, order_status::Shipped, std::nullopt, shipment_of(d, o).requested_by);
  d.emit(o.order_id, order_shipped{summary_of(d, o)});
  return std::nullopt;
}

/// The order stays Confirmed: staff can ship it again, or cancel it. Customers see the history, so
/// the reason has the public code.
applied order_service::decide(const payment::payment_capture_declined& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (!found || !found->shipment_requested_at) return std::nullopt;
  const auto requested = shipment_of(d, *found);
  if (e.shipment == 0) {
    // Staff requested that capture, so the shipment still has none.
    d.emit(e.order_id, requested);
    return std::nullopt;
  }
  if (e.shipment && e.shipment != requested.shipment) return std::nullopt;  // Of an earlier one.
  auto& o = d.of<order_row>().edit(e.order_id);
  o.shipment_requested_at.reset();
  move_to(d, o, order_status::Confirmed,
          "Not shipped: the payment could not be captured (" +
              std::string(payment::public_code(e.code)) + ").");
  d.emit(o.order_id, order_shipment_declined{o.order_id, e.code});
  return std::nullopt;
}

void order_service::needs(const payment::payment_failed& e, need_list& list,
                          const records& loaded) const {
  need_order(e.order_id, list);
  const auto* found = loaded.of<order_row>().find(e.order_id);
  if (found && found->pending_client) {
    list.add<&order_row::pending_client>(*found->pending_client);
  }
}

/// Until when the goods of a declined order are held for its cart. The time starts at the cart's
/// first decline, regardless of later attempts, and a client's carts with held goods are limited
/// like its Pending orders: declined cards must not block stock.
std::optional<timestamp> order_service::hold_of(const order_row& o, decision& d) const {
  // The lines of an order whose payment was awaited have left the cart.
  if (options_.declined_hold.count() == 0 || o.payment_until) return std::nullopt;
  if (o.held_until) return *o.held_until > d.now ? o.held_until : std::nullopt;
  if (o.pending_client) {
    std::int64_t held = 0;
    for (const auto* other :
         d.of<order_row>().where<&order_row::pending_client>(o.pending_client)) {
      if (is_held(*other, d.now) && other->cart_id != o.cart_id) ++held;
    }
    if (held >= (o.user_id ? options_.user_pending_max : options_.guest_pending_max)) {
      return std::nullopt;
    }
  }
  return d.now + options_.declined_hold;
}

applied order_service::decide(const payment::payment_failed& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (found && found->status == order_status::Pending) {
    const std::string code(payment::public_code(e.code));
    cancel(d, *found, "payment_failed", code + ": " + std::string(payment::public_reason(code)),
           hold_of(*found, d), e.code);
  }
  return std::nullopt;
}

applied order_service::decide(const payment::payment_refunded& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (!found) return std::nullopt;
  if (e.lines && !e.lines->empty()) {
    for (const auto& line : *e.lines) add_refund(d, *found, line);
    d.of<order_row>().edit(e.order_id).updated_at = d.now;
  }
  d.emit(e.order_id, order_refunded{summary_of(d, *found), e.amount, e.refund_id, e.lines,
                                    e.shipping_amount, e.restock});
  return std::nullopt;
}

}  // namespace stoa::order
