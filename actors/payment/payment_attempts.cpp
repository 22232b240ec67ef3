// Operations at the gateway: opening, retrying, and applying the answers.

#include "actors/payment/payment_parts.hpp"
#include "storage/base/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace stoa::payment {

namespace {

/// Precedes the number of the shipment in the key of its capture.
constexpr std::string_view shipment_part = "#shipment-";

/// First part of the log's event names: authorize_requested, void_declined, ...
std::string verb(open_effect operation) {
  switch (operation) {
    case open_effect::Authorize:
      return "authorize";
    case open_effect::Capture:
      return "capture";
    case open_effect::Void:
      return "void";
    case open_effect::Refund:
      return "refund";
    case open_effect::None:
      break;
  }
  return "nothing";
}

}  // namespace

void log(payment_service::decision& d, payment_row& p, std::string event, log_details details) {
  d.of<payment_log_row>().insert({d.new_id<stoa::log_id>(), p.payment_id, std::move(event),
                                  std::move(details), d.now, ++p.log_rows});
}

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void move_to(payment_service::decision& d, payment_row& p, payment_status to) {
  if (!may_become(p.status, to)) {
    throw std::logic_error("payment: " + std::string(enum_name(p.status)) + " cannot become " +
                           std::string(enum_name(to)));
  }
  p.status = to;
  p.updated_at = d.now;
  if (to != payment_status::RequiresAction) p.action_url.reset();
}

attempt_row& attempt_of(payment_service::decision& d, const payment_row& p) {
  return d.of<attempt_row>().edit(p.payment_id, p.attempt_rows);
}

std::string state_text(const payment_row& p) {
  auto text = "The payment is " + std::string(enum_name(p.status));
  switch (p.effect) {
    case open_effect::Authorize:
      return text + ", and its authorisation is in progress";
    case open_effect::Capture:
      return text + ", and its capture is in progress";
    case open_effect::Void:
      return text + ", and its void is in progress";
    case open_effect::Refund:
      return text + ", and a refund is in progress";
    case open_effect::None:
      break;
  }
  return text;
}

std::string failure_of(std::string_view operation, const std::string& code) {
  if (code.starts_with(operation)) return code;
  return std::string(operation) + (code.empty() ? "declined" : code);
}

void close(payment_service::decision& d, payment_row& p, attempt_state as,
           const gateway_answer& a) {
  if (p.effect != open_effect::None) {
    auto& attempt = attempt_of(d, p);
    if (!may_become(attempt.state, as)) throw std::logic_error("payment: attempt settled twice");
    attempt.state = as;
    if (!a.transaction_id.empty()) attempt.transaction_id = a.transaction_id;
    attempt.code = some(a.code);
    attempt.updated_at = d.now;
  }
  p.effect = open_effect::None;
  p.sealed_token.clear();
  p.attempts = 0;
  p.next_attempt_at = {};
}

/// The gateway's id of the payment's separate capture; empty if there was none.
std::string capture_id_of(payment_service::decision& d, const payment_row& p) {
  if (p.effect != open_effect::Refund) return {};
  for (const auto* a : d.of<attempt_row>().where<&attempt_row::payment_id>(p.payment_id)) {
    const bool is_it = a->operation == open_effect::Capture && a->state == attempt_state::succeeded;
    if (is_it) return a->transaction_id.value_or("");
  }
  return {};
}

/// Opens an operation and starts it at once.
void payment_service::open(decision& d, payment_row& p, open_effect effect, std::string key,
                           money amount, std::optional<stoa::refund_id> of) const {
  p.effect = effect;
  p.attempts = 0;
  attempt_row made;
  made.payment_id = p.payment_id;
  made.number = ++p.attempt_rows;
  made.operation = effect;
  made.gateway = p.gateway;
  made.gateway_key = std::move(key);
  made.amount = std::move(amount);
  made.refund_id = of;
  made.created_at = made.updated_at = d.now;
  d.of<attempt_row>().insert(std::move(made));
  start(d, p);
}

void payment_service::authorize(decision& d, payment_row& p) const {
  open(d, p, open_effect::Authorize, p.payment_id.str(), p.amount);
}

/// Replaces an authorisation in progress.
void payment_service::void_payment(decision& d, payment_row& p) const {
  if (p.effect == open_effect::Authorize) close(d, p, attempt_state::abandoned, {});
  p.sealed_token.clear();
  open(d, p, open_effect::Void, p.payment_id.str(), p.amount);
}

/// The gateway holds money of a payment that has ended without: a void releases the authorisation,
/// or finds the capture, which is refunded. The order of a failed payment is cancelled in any case.
void payment_service::return_late_payment(decision& d, payment_row& p,
                                          const std::string& transaction_id) const {
  if (!p.transaction_id) p.transaction_id = some(transaction_id);
  if (!p.transaction_id) {
    for (const auto* a : d.of<attempt_row>().where<&attempt_row::payment_id>(p.payment_id)) {
      if (a->operation == open_effect::Authorize) p.transaction_id = a->transaction_id;
    }
  }
  if (p.status == payment_status::Failed) p.order_cancelled = true;
  p.updated_at = d.now;
  log(d, p, "late_payment_found", {{}, p.amount, {}, p.transaction_id, {}, {}});
  void_payment(d, p);
}

std::string capture_key_of(const payment_row& p, std::int64_t shipment) {
  return "capture:" + p.payment_id.str() + std::string(shipment_part) + std::to_string(shipment);
}

std::int64_t shipment_of_key(std::string_view key) {
  const auto at = key.find(shipment_part);
  std::int64_t number = 0;
  if (at == std::string_view::npos) return number;
  std::from_chars(key.data() + at + shipment_part.size(), key.data() + key.size(), number);
  return number;
}

/// For a shipment of the order, or with 0 for staff, whose captures are retried under a new key.
void payment_service::capture(decision& d, payment_row& p, std::int64_t shipment) const {
  const auto by_staff = "capture:" + p.payment_id.str() + "#" + std::to_string(p.attempt_rows + 1);
  open(d, p, open_effect::Capture, shipment == 0 ? by_staff : capture_key_of(p, shipment),
       p.amount);
}

/// Sends the open operation, or looks it up if the gateway has accepted it; the sweep retries it
/// when there is no answer in time.
void payment_service::start(decision& d, payment_row& p) const {
  // Created while the clock was ahead: its time starts now.
  if (is_from_fast_clock(p.created_at, d.now)) p.created_at = d.now;
  if (p.effect == open_effect::Authorize && d.now - p.created_at >= options_.give_up) {
    return void_payment(d, p);
  }
  auto& attempt = attempt_of(d, p);
  ++attempt.calls;
  call_gateway call;
  call.payment_id = p.payment_id;
  call.order_id = p.order_id;
  call.gateway = attempt.gateway;
  call.operation = p.effect;
  call.look_up = attempt.state == attempt_state::accepted;
  call.key = attempt.gateway_key;
  call.reference = attempt.transaction_id.value_or("");
  call.authorization = {p.payment_id.str(), p.transaction_id.value_or(""), capture_id_of(d, p)};
  call.amount = attempt.amount;
  call.capture = p.capture == capture_method::automatic;
  call.is_late = has_ended(p.status);
  call.saves = p.saved_as && keeps_methods(p.gateway);
  if (call.saves || p.customer_id) {
    call.customer = {p.user_id ? p.user_id->str() : "", p.customer_id.value_or("")};
  }
  call.with_saved = p.customer_id && !p.saved_as;
  log_details details{call.key, attempt.amount, {}, {}, {}, {}};
  if (p.effect == open_effect::Authorize && !call.look_up) {
    call.sealed_token = p.sealed_token;
    details.token = p.token_hint;
  }
  p.next_attempt_at = d.now + options_.gateway_timeout + options_.gateway_margin;
  log(d, p, verb(p.effect) + (call.look_up ? "_looked_up" : "_requested"), std::move(details));
  d.effect(std::move(call));
}

/// The latest time that a retry can be scheduled for.
timestamp payment_service::latest_attempt(timestamp now) const {
  return latest_due(
      now, std::max(options_.retry_max, options_.gateway_timeout + options_.gateway_margin));
}

/// Schedules a retry of the open operation.
void payment_service::schedule_retry(decision& d, payment_row& p) const {
  ++p.attempts;
  p.next_attempt_at = d.now + backoff(p.attempts, options_.retry_min, options_.retry_max);
}

void payment_service::needs(const gateway_result& m, need_list& list, const records& loaded) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
  const auto* p = loaded.of<payment_row>().find(m.payment_id);
  if (p && p->saved_as && p->user_id) {
    list.add<&saved_method_row::user_id>(*p->user_id);
    if (keeps_methods(p->gateway)) {
      list.add<&gateway_customer_row::user_id>(*p->user_id);
      list.add<&method_operation_row::payment_method_id>(*p->saved_as);
    }
  }
  if (m.operation == open_effect::Refund) list.add<&refund_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const gateway_result& m, decision& d) const {
  if (!d.of<payment_row>().find(m.payment_id)) return kernel::nothing{};
  auto& p = d.of<payment_row>().edit(m.payment_id);
  const gateway_answer& a = m.answer;
  log(d, p, verb(m.operation) + "_" + std::string(enum_name(a.status)),
      {m.key, {}, {}, some(a.transaction_id), some(a.code), some(a.detail)});
  if (p.saved_as && p.user_id && a.customer_id) {
    know_customer(d, *p.user_id, p.gateway, *a.customer_id);
    p.customer_id = a.customer_id;
  }
  if (p.effect == open_effect::None) {
    const bool is_late = a.status == gateway_status::approved && m.operation != open_effect::Refund;
    if (is_late && has_ended(p.status)) return_late_payment(d, p, a.transaction_id);
    return kernel::nothing{};
  }
  // An answer to an operation that is no longer open (a duplicate or late answer) is only logged.
  // The answer to an authorisation also settles its void.
  const auto* attempt = d.of<attempt_row>().find(p.payment_id, p.attempt_rows);
  const bool is_open = m.operation == p.effect && attempt && attempt->gateway_key == m.key;
  const bool is_voided = m.operation == open_effect::Authorize && p.effect == open_effect::Void;
  if (!is_open && !is_voided) return kernel::nothing{};
  if (p.saved_as && p.user_id) settle_saving(d, p, m);
  if (a.status == gateway_status::approved) {
    approved(d, p, m);
  } else if (a.status == gateway_status::declined) {
    declined(d, p, m);
  } else {
    undecided(d, p, m);
  }
  return kernel::nothing{};
}

void payment_service::approved(decision& d, payment_row& p, const gateway_result& m) const {
  const bool captures = p.capture == capture_method::automatic;
  switch (m.operation) {
    case open_effect::Authorize:
      // An approved authorisation does not settle its void; only a capture does.
      if (captures) return captured(d, p, m.answer);
      if (p.effect == open_effect::Void) return undecided(d, p, m);
      return authorized(d, p, m.answer);
    case open_effect::Capture:
    case open_effect::Void:  // Already captured.
      return captured(d, p, m.answer);
    case open_effect::Refund:
      return refunded(d, p, m.answer);
    case open_effect::None:
      break;
  }
}

void payment_service::declined(decision& d, payment_row& p, const gateway_result& m) const {
  if (m.operation == open_effect::Refund) return refund_declined(d, p, m.answer);
  if (m.operation == open_effect::Capture) return capture_declined(d, p, m.answer);
  if (has_ended(p.status)) return close(d, p, attempt_state::succeeded, m.answer);
  if (p.status == payment_status::Authorized) {
    close(d, p, attempt_state::succeeded, m.answer);
    p.failure_code.reset();  // Of a declined capture.
    return move_to(d, p, payment_status::Voided);
  }
  failed(d, p, m.answer);
}

/// The payment is Voided if its authorisation has expired or was released at the gateway.
void payment_service::capture_declined(decision& d, payment_row& p, const gateway_answer& a) const {
  const auto shipment = shipment_of_key(attempt_of(d, p).gateway_key);
  close(d, p, attempt_state::declined, a);
  p.failure_code = failure_of("capture_", a.code);
  p.updated_at = d.now;
  const bool has_ended = a.code == "canceled" || a.code == "authorization_expired";
  if (has_ended) move_to(d, p, payment_status::Voided);
  if (!p.order_cancelled) {
    d.emit(p.order_id,
           payment_capture_declined{p.payment_id, p.order_id, a.code, a.detail, shipment});
  } else if (p.status == payment_status::Authorized) {
    void_payment(d, p);
  }
}

/// No decision yet: `unknown`, `accepted` and `action_required`.
void payment_service::undecided(decision& d, payment_row& p, const gateway_result& m) const {
  const auto& a = m.answer;
  if (m.operation == open_effect::Authorize && !a.transaction_id.empty()) {
    p.transaction_id = a.transaction_id;
  }
  if (m.operation == open_effect::Authorize && p.effect == open_effect::Void) {
    if (p.attempts > 0) return;
    // The void had to wait for the authorisation in progress.
    ++p.attempts;
    return start(d, p);
  }
  if (a.status != gateway_status::unknown && m.operation != open_effect::Void) {
    auto& attempt = attempt_of(d, p);
    if (attempt.state != attempt_state::accepted) {
      attempt.state = attempt_state::accepted;
      p.attempts = 0;
    }
    if (!a.transaction_id.empty()) attempt.transaction_id = a.transaction_id;
    attempt.updated_at = d.now;
    p.sealed_token.clear();  // No longer needed: retries look up the request by its reference.
    if (a.status == gateway_status::action_required && m.operation == open_effect::Authorize) {
      if (p.status == payment_status::Pending) {
        move_to(d, p, payment_status::RequiresAction);
        d.emit(p.order_id, payment_action_required{p.payment_id, p.order_id});
      }
      p.action_url = some(a.action_url);
    }
  }
  schedule_retry(d, p);
}

void payment_service::authorized(decision& d, payment_row& p, const gateway_answer& a) const {
  close(d, p, attempt_state::succeeded, a);
  if (!a.transaction_id.empty()) p.transaction_id = a.transaction_id;
  move_to(d, p, payment_status::Authorized);
  std::optional<bool> at_shipment;
  if (p.capture == capture_method::shipment) at_shipment = true;
  d.emit(p.order_id, payment_authorized{p.payment_id, p.order_id, p.amount, at_shipment});
}

/// The gateway has captured a part only. The difference stays visible to staff.
void record_captured(payment_service::decision& d, payment_row& p, const gateway_answer& a) {
  const auto& captured = a.captured_amount;
  if (!captured || captured->currency != p.amount.currency) return;
  if (captured->amount >= p.amount.amount) return;
  p.received_amount = captured;
  log(d, p, "capture_mismatch", {{}, captured, {}, some(a.transaction_id), {}, {}});
}

/// The amount is captured: refunded if the order is cancelled.
void payment_service::captured(decision& d, payment_row& p, const gateway_answer& a) const {
  const bool is_void = p.effect == open_effect::Void;
  const bool was_authorized = p.effect == open_effect::Capture;
  close(d, p, is_void ? attempt_state::declined : attempt_state::succeeded, a);
  if (!was_authorized) p.transaction_id = some(a.transaction_id);
  p.failure_code.reset();
  record_captured(d, p, a);
  move_to(d, p, payment_status::Completed);
  post_capture(d, p, "capture", p.captured_amount().amount);
  if (p.order_cancelled) {
    refund_rest(d, p);
  } else {
    d.emit(p.order_id, payment_completed{p.payment_id, p.order_id, p.captured_amount()});
  }
}

/// The authorisation has failed permanently.
void payment_service::failed(decision& d, payment_row& p, const gateway_answer& a) const {
  const bool is_void = p.effect == open_effect::Void;
  close(d, p, is_void ? attempt_state::succeeded : attempt_state::declined, a);
  p.failure_code = a.code.empty() ? "declined" : a.code;
  move_to(d, p, payment_status::Failed);
  d.emit(p.order_id, payment_failed{p.payment_id, p.order_id, *p.failure_code, a.detail});
}

}  // namespace stoa::payment
