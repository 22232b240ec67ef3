// Payments whose money arrives outside of the program: staff confirm or reject them and their
// refunds. They have no operation at a gateway, so nothing polls them.

#include "actors/payment/payment_parts.hpp"

namespace stoa::payment {

namespace {

/// The payment for a command of staff; null if there is none.
const payment_row* find_offline(payment_service::decision& d, stoa::payment_id id,
                                stoa::order_id order) {
  const auto* found = may_see_all(d.context) ? d.of<payment_row>().find(id) : nullptr;
  return found && found->order_id == order ? found : nullptr;
}

problem not_awaited(const payment_row& p) {
  return conflict("payment_not_awaited", state_text(p) + ", by " + p.payment_method +
                                             ": staff confirm or reject Pending payments by "
                                             "bank_transfer and cash_on_delivery.");
}

/// Who confirmed or rejected it, and why.
std::string by(const payment_service::decision& d, const std::string& reason = {}) {
  return "By " + d.context.who.str() + (reason.empty() ? "." : ": " + reason);
}

}  // namespace

bool is_awaited(const payment_row& p) {
  return p.gateway == offline_gateway && p.status == payment_status::Pending;
}

void payment_service::await_payment(decision& d, payment_row& p) const {
  p.sealed_token.clear();
  if (p.payment_method == enum_name(payment_method::bank_transfer)) {
    p.pay_until = d.now + options_.bank_transfer_wait;
    p.instructions = options_.bank_transfer_instructions;
  }
  log(d, p, "payment_awaited", {{}, p.amount, {}, {}, {}, {}});
  d.emit(p.order_id, payment_awaited{p.payment_id, p.order_id, p.payment_method, p.amount,
                                     p.pay_until, p.instructions.value_or("")});
}

void payment_service::needs(const confirm_payment& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&refund_row::payment_id>(m.payment_id);
}

result<payment_view> payment_service::decide(const confirm_payment& m, decision& d) const {
  const auto* found = find_offline(d, m.payment_id, m.order_id);
  if (!found) return not_found("payment");
  if (!is_awaited(*found)) return not_awaited(*found);
  if (m.amount.currency != found->amount.currency) {
    return invalid_field("/amount/currency", "currency", "The payment is in another currency.");
  }
  if (m.amount.amount < 1) {
    return invalid_field("/amount/amount", "range", "The amount must be at least 1.");
  }
  if (m.amount != found->amount && !m.accept_difference) {
    return invalid_field("/amount/amount", "amount_mismatch",
                         "The payment is over " + to_display(found->amount) +
                             ". Set accept_difference to accept another amount.");
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  if (m.amount.amount < p.amount.amount) p.received_amount = m.amount;
  log(d, p, "payment_confirmed", {{}, m.amount, {}, some(m.reference), {}, by(d)});
  captured(d, p, {gateway_status::approved, m.reference, "", ""});
  return view_of(p);
}

void payment_service::needs(const reject_payment& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
}

result<payment_view> payment_service::decide(const reject_payment& m, decision& d) const {
  const auto* found = find_offline(d, m.payment_id, m.order_id);
  if (!found) return not_found("payment");
  if (!is_awaited(*found)) return not_awaited(*found);
  auto& p = d.of<payment_row>().edit(m.payment_id);
  log(d, p, "payment_rejected", {{}, p.amount, {}, {}, {}, by(d, m.reason)});
  failed(d, p, {gateway_status::declined, "", "not_received", m.reason});
  return view_of(p);
}

void payment_service::needs(const settle_refund& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&refund_row::payment_id>(m.payment_id);
}

result<refund_view> payment_service::decide(const settle_refund& m, decision& d) const {
  const auto* found = find_offline(d, m.payment_id, m.order_id);
  const auto* pending = found ? d.of<refund_row>().find(m.refund_id) : nullptr;
  if (!pending || pending->payment_id != m.payment_id) return not_found("refund");
  if (found->gateway != offline_gateway) {
    return conflict("payment_not_offline",
                    "The gateway " + found->gateway + " decides the refunds of this payment.");
  }
  if (pending->status != refund_status::Pending) {
    return conflict("refund_not_pending",
                    "The refund is " + std::string(enum_name(pending->status)) + ".");
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  auto& r = d.of<refund_row>().edit(m.refund_id);
  if (m.rejected_because) {
    log(d, p, "refund_rejected", {{}, r.payment_amount(), {}, {}, {}, by(d, *m.rejected_because)});
    refund_failed(d, p, r, {gateway_status::declined, "", "refund_rejected", ""});
  } else {
    log(d, p, "refund_confirmed", {{}, r.payment_amount(), {}, some(m.reference), {}, by(d)});
    refund_succeeded(d, p, r, {gateway_status::approved, m.reference, "", ""});
  }
  return view_of(r);
}

}  // namespace stoa::payment
