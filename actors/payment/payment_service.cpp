#include "actors/payment/payment_service.hpp"

#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

namespace stoa::payment {

using kernel::applied;

// --- events
// ----------------------------------------------------------------------------------------

void payment_service::needs(const catalog::stock_reserved& e, need_list& list,
                            const records&) const {
  list.add<&payment_row::order_id>(e.order_id);
  list.add<&settled_order_row::order_id>(e.order_id);
  list.add<&instrument_row::instrument_id>(e.instrument_id);
}

applied payment_service::decide(const catalog::stock_reserved& e, decision& d) const {
  if (d.of<payment_row>().find_by<&payment_row::order_id>(e.order_id)) return std::nullopt;
  // The order is already cancelled: no charge. The instrument expires.
  if (d.of<settled_order_row>().find(e.order_id)) return std::nullopt;
  payment_row made;
  made.payment_id = payment_of(e.order_id);
  made.order_id = e.order_id;
  made.user_id = e.user_id;
  made.payment_method = "unknown";
  made.gateway = options_.gateway;
  made.capture = options_.capture;
  made.amount = e.total;
  made.created_at = made.updated_at = d.now;
  const auto* stored = d.of<instrument_row>().find(e.instrument_id);
  const bool usable = stored && stored->user_id == e.user_id;
  if (usable) {
    made.payment_method = stored->payment_method;
    made.gateway = gateway_of(made.payment_method, options_.gateway);
    made.sealed_token = stored->sealed_token;
    made.token_hint = stored->token_hint;
    made.saved_as = stored->saved_as;
    made.customer_id = stored->customer_id;
    d.of<instrument_row>().erase(e.instrument_id);
  }
  auto& p = d.of<payment_row>().insert(std::move(made));
  if (p.amount.amount == 0) {
    captured(d, p, {gateway_status::approved, "", "", "Nothing to pay."});
  } else if (!usable) {
    failed(d, p,
           {gateway_status::declined, "", "instrument_unknown",
            "The payment instrument is unknown or has expired. Check out again."});
  } else if (p.gateway == offline_gateway) {
    await_payment(d, p);
  } else {
    authorize(d, p);
  }
  return std::nullopt;
}

void payment_service::needs(const order::order_cancelled& e, need_list& list,
                            const records&) const {
  list.add<&payment_row::order_id>(e.order.order_id);
  list.add<&settled_order_row::order_id>(e.order.order_id);
  list.add<&attempt_row::payment_id>(payment_of(e.order.order_id));
  list.add<&refund_row::payment_id>(payment_of(e.order.order_id));
}

applied payment_service::decide(const order::order_cancelled& e, decision& d) const {
  const auto id = e.order.order_id;
  const auto* found = d.of<payment_row>().find_by<&payment_row::order_id>(id);
  if (!found) {
    // After stock.rejected no stock.reserved follows, nor for an order that was not placed.
    const bool is_over = e.code == "stock_rejected" || e.code == "redemption_rejected";
    if (!is_over && !d.of<settled_order_row>().find(id)) {
      d.of<settled_order_row>().insert({id, d.now});
    }
    return std::nullopt;
  }
  if (found->order_cancelled) return std::nullopt;
  auto& p = d.of<payment_row>().edit(found->payment_id);
  p.order_cancelled = true;
  p.updated_at = d.now;
  log_details why{{}, {}, {}, {}, e.code, {}, "system", e.reason};
  // An authorisation in progress cannot be aborted: the void settles it, and so does its answer. A
  // capture in progress is refunded when it is answered.
  const bool is_under_way = is_undecided(p.status) && p.effect == open_effect::Authorize;
  const bool is_held = p.status == payment_status::Authorized && p.effect == open_effect::None;
  if (is_awaited(p)) {
    failed(d, p, {gateway_status::declined, "", "canceled", "The order was cancelled."});
  } else if (is_under_way || is_held) {
    log(d, p, "void_initiated", std::move(why));
    void_payment(d, p);
  } else if (is_captured(p.status) && p.amount.amount > 0) {
    log(d, p, "refund_initiated", std::move(why));
    refund_rest(d, p);
  } else if (is_captured(p.status)) {
    move_to(d, p, payment_status::Refunded);
  }
  return std::nullopt;
}

namespace {

/// The declined capture for this shipment, if any.
const attempt_row* declined_capture(payment_service::decision& d, const payment_row& p,
                                    std::int64_t shipment) {
  if (shipment == 0) return nullptr;
  const auto key = capture_key_of(p, shipment);
  for (const auto* a : d.of<attempt_row>().where<&attempt_row::payment_id>(p.payment_id)) {
    if (a->gateway_key == key && a->state == attempt_state::declined) return a;
  }
  return nullptr;
}

}  // namespace

void payment_service::needs(const order::order_shipment_requested& e, need_list& list,
                            const records&) const {
  list.add<&payment_row::order_id>(e.order_id);
  list.add<&attempt_row::payment_id>(payment_of(e.order_id));
}

applied payment_service::decide(const order::order_shipment_requested& e, decision& d) const {
  const auto* found = d.of<payment_row>().find_by<&payment_row::order_id>(e.order_id);
  // Lost in a fail-over: the event becomes a dead letter, so that an operator can resolve the
  // order.
  if (!found) return not_found("payment");
  if (found->order_cancelled || found->effect == open_effect::Capture) return std::nullopt;
  const auto shipment = e.shipment.value_or(0);
  const auto* declined = declined_capture(d, *found, shipment);
  if (is_captured(found->status)) {
    // Captured by staff meanwhile: the order may have received the event before its shipment.
    d.emit(e.order_id, payment_completed{found->payment_id, e.order_id, found->captured_amount()});
  } else if (declined) {
    // A repeated request: the order may have lost the event. Another capture needs a new request.
    d.emit(e.order_id,
           payment_capture_declined{found->payment_id, e.order_id, declined->code.value_or(""),
                                    state_text(*found) + ".", shipment});
  } else if (found->status == payment_status::Authorized) {
    auto& p = d.of<payment_row>().edit(found->payment_id);
    log(d, p, "capture_initiated",
        {{}, p.amount, {}, {}, {}, {}, e.requested_by, "The order is to be shipped."});
    capture(d, p, shipment);
  } else {
    d.emit(e.order_id, payment_capture_declined{found->payment_id, e.order_id, "canceled",
                                                state_text(*found) + ".", e.shipment});
  }
  return std::nullopt;
}

// --- commands ------------------------------------------------------------------------------------

void payment_service::needs(const store_instrument& m, need_list& list, const records&) const {
  list.add<&instrument_row::instrument_id>(m.instrument_id);
  if (m.saved) list.add<&saved_method_row::payment_method_id>(*m.saved);
  if (m.save_as && m.user_id) {
    list.add<&saved_method_row::user_id>(*m.user_id);
    if (keeps_methods(gateway_of(m.payment_method, options_.gateway))) {
      list.add<&gateway_customer_row::user_id>(*m.user_id);
    }
  }
}

result<kernel::nothing> payment_service::decide(const store_instrument& m, decision& d) const {
  if (d.of<instrument_row>().find(m.instrument_id)) return kernel::nothing{};
  std::optional<stoa::user_id> owner;
  if (d.context.who.is_user()) owner = d.context.who.user;
  const auto expires_at = d.now + options_.instrument_ttl;
  const auto gateway = gateway_of(m.payment_method, options_.gateway);
  instrument_row made{m.instrument_id, owner,      m.payment_method, m.sealed_token, m.token_hint,
                      d.now,           expires_at, m.save_as,        std::nullopt};
  if (m.saved) {
    const auto* saved = usable_method(d, *m.saved, gateway);
    if (!saved) {
      return problem{
          problem_kind::validation,
          "payment_method_unknown",
          "You have no such saved payment method.",
          {{"/payment_method/saved_payment_method_id", "not_found", "It may have been deleted."}}};
    }
    made.payment_method = saved->payment_method;
    made.sealed_token = saved->sealed_token;
    made.token_hint = saved->token_hint;
    made.customer_id = saved->customer_id;
  } else if (m.save_as) {
    if (auto bad = begin_saving(d, m)) return std::move(*bad);
    if (keeps_methods(gateway)) {
      made.customer_id = customer_at(d, *m.user_id, gateway).customer_id;
    }
  }
  d.of<instrument_row>().insert(std::move(made));
  return kernel::nothing{};
}

std::vector<const kernel::expiry*> payment_service::expiring() {
  return {&expired_instruments, &expired_gateway_events, &expired_saved_methods};
}

void payment_service::needs(const retry_payment& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const retry_payment& m, decision& d) const {
  const auto* found = d.of<payment_row>().find(m.payment_id);
  if (!found || found->effect == open_effect::None) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_attempt(d.now);
  if (!m.starting && waits) return kernel::nothing{};
  start(d, d.of<payment_row>().edit(m.payment_id));
  return kernel::nothing{};
}

// --- webhooks and staff ------------------------------------------------------------------------

void payment_service::needs(const receive_webhook& m, need_list& list, const records&) const {
  list.add<&gateway_event_row::event_id>(m.event_id);
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
  if (m.has_activity) list.add<&review_row::payment_id>(m.payment_id);
}

result<webhook_reply> payment_service::decide(const receive_webhook& m, decision& d) const {
  if (d.of<gateway_event_row>().find(m.gateway, m.event_id)) {
    return webhook_reply{webhook_outcome::repeated};
  }
  d.of<gateway_event_row>().insert({m.gateway, m.event_id, d.now, d.now + options_.webhook_memory});
  const auto* found = d.of<payment_row>().find(m.payment_id);
  if (!found || found->gateway != m.gateway || found->order_id != m.order_id) {
    return webhook_reply{webhook_outcome::ignored};
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  log(d, p, "webhook_received", {m.event_id, {}, {}, {}, m.type, {}});
  if (m.has_activity) review(d, p);
  if (p.effect != open_effect::None) {
    start(d, p);
  } else if (m.is_paid && has_ended(p.status) && p.gateway != offline_gateway) {
    return_late_payment(d, p, {});
  }
  if (!m.has_activity && p.effect == open_effect::None) {
    return webhook_reply{webhook_outcome::ignored};
  }
  return webhook_reply{webhook_outcome::applied};
}

void payment_service::needs(const capture_payment& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
}

result<payment_view> payment_service::decide(const capture_payment& m, decision& d) const {
  const auto* found = may_see_all(d.context) ? d.of<payment_row>().find(m.payment_id) : nullptr;
  if (!found || found->order_id != m.order_id) return not_found("payment");
  if (is_captured(found->status) || found->effect == open_effect::Capture) return view_of(*found);
  if (found->status != payment_status::Authorized || found->effect != open_effect::None) {
    return conflict("payment_not_authorized", state_text(*found) + ": it cannot be captured.");
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  log(d, p, "capture_initiated", {{}, p.amount, {}, {}, {}, {}, d.context.who.str()});
  capture(d, p, 0);
  return view_of(p);
}

}  // namespace stoa::payment
