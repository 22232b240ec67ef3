// What the order does with the reservation of the promotions that it redeems: it is placed once
// they are reserved, and cancelled if they cannot be.

#include "actors/order/order_parts.hpp"
#include "actors/pricing/promotion_rules.hpp"

namespace stoa::order {

using kernel::applied;

namespace {

/// Identifies the customer for the limits of promotions.
std::string redeemer_of(const order_row& o) {
  return pricing::customer_key_of(o.user_id, o.email_folded);
}

bool redeems(const order_row& o) {
  return o.redemptions || o.credits;
}

template <class Event>
Event event_of(const order_row& o) {
  return {o.order_id, redeemer_of(o), o.redemptions.value_or(std::vector<redeemed_promotion>{}),
          o.credits.value_or(std::vector<redeemed_credit>{})};
}

}  // namespace

void request_redemptions(order_service::decision& d, const order_row& o) {
  d.emit(o.order_id, event_of<redemption_requested>(o));
}

void confirm_redemptions(order_service::decision& d, const order_row& o) {
  if (redeems(o)) d.emit(o.order_id, redemption_confirmed{o.order_id});
}

void release_redemptions(order_service::decision& d, const order_row& o) {
  if (redeems(o)) d.emit(o.order_id, event_of<redemption_released>(o));
}

applied order_service::decide(const pricing::redemption_reserved& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  // A cancelled order has released them.
  if (!found || !found->waiting_instrument || found->status != order_status::Pending) {
    return std::nullopt;
  }
  auto& o = d.of<order_row>().edit(e.order_id);
  const auto instrument = *o.waiting_instrument;
  o.waiting_instrument.reset();
  emit_placed(d, o, instrument);
  return std::nullopt;
}

applied order_service::decide(const pricing::redemption_rejected& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (found && found->status == order_status::Pending) {
    const auto prefix = e.code ? *e.code + ": " : std::string();
    cancel(d, *found, "redemption_rejected", prefix + e.reason);
  }
  return std::nullopt;
}

/// The reservation has lasted longer than orders take: the event about the order's outcome was
/// lost, or the order was. An order that is Pending is cancelled in time by the sweep.
applied order_service::decide(const pricing::redemption_expired& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (!found) {
    d.emit(e.order_id, redemption_released{e.order_id, {}, {}, {}});
  } else if (found->status == order_status::Cancelled) {
    release_redemptions(d, *found);
  } else if (found->status != order_status::Pending) {
    confirm_redemptions(d, *found);
  }
  return std::nullopt;
}

}  // namespace stoa::order
