#include "net/gateway/paypal_outcomes.hpp"

#include "net/http/percent.hpp"

#include <utility>

namespace stoa::gateways {

using payment::gateway_answer;
using payment::gateway_status;
using payment::vaulted_method;

namespace {

/// Precedes the order's id. PayPal's ids have no colon.
constexpr std::string_view pending_prefix = "order:";

/// The customer has not approved the order yet.
gateway_answer waiting_for_approval(const paypal_api::order& o) {
  auto url = o.approval_url();
  if (url.empty()) return paypal_answer(gateway_status::accepted, o.id);
  return {gateway_status::action_required, o.id, "action_required",
          "The customer must approve the payment at PayPal.", std::move(url)};
}

/// The outcome without what PayPal has saved.
gateway_answer payment_outcome(const paypal_api::order& o, const expected_answer& of) {
  if (o.captures()) {
    const auto* made = o.capture();
    if (!made) return paypal_undecided(o.id, "");
    return capture_outcome(*made, paypal_api::captured_of(o), o.id, "instrument_declined", of);
  }
  const auto* made = o.authorization();
  const auto status = made ? made->status.value_or("") : std::string();
  if (status == "CREATED" || status == "CAPTURED" || status == "PARTIALLY_CAPTURED") {
    return paypal_answer(gateway_status::approved, o.id);
  }
  if (status == "PENDING") return paypal_answer(gateway_status::accepted, o.id);
  if (status == "VOIDED") return paypal_canceled(o.id);
  if (status == "DENIED") {
    return paypal_answer(gateway_status::declined, o.id, "instrument_declined", "PayPal: DENIED");
  }
  return paypal_undecided(o.id, status);
}

/// States what PayPal has saved of the account.
gateway_answer with_vault(gateway_answer a, const paypal_api::order& o) {
  a.vaulted = vaulted_of(o);
  if (const auto* v = o.vault(); v != nullptr && v->customer) a.customer_id = v->customer->id;
  return a;
}

std::optional<std::string> hint_of(const std::optional<paypal_api::source_state>& source) {
  if (!source || !source->paypal || !source->paypal->email_address) return std::nullopt;
  return masked_email(*source->paypal->email_address);
}

}  // namespace

gateway_answer paypal_answer(gateway_status status, std::string id, std::string code,
                             std::string detail) {
  return {status, std::move(id), std::move(code), std::move(detail), {}};
}

gateway_answer paypal_undecided(std::string id, const std::string& status) {
  return paypal_answer(
      gateway_status::unknown, std::move(id), "",
      "The status at PayPal is " + (status.empty() ? std::string("missing") : status) + ".");
}

gateway_answer paypal_canceled(std::string id) {
  return paypal_answer(gateway_status::declined, std::move(id), "canceled",
                       "The payment was canceled before it was captured.");
}

gateway_answer declined_by(const paypal_api::reply& r, std::string id, std::string_view fallback) {
  return paypal_answer(gateway_status::declined, std::move(id),
                       paypal_api::stable_code(r.issue, fallback), "PayPal: " + r.issue);
}

std::string paypal_path(const std::string& base, const std::string& id, std::string_view action) {
  return base + http::percent_encode(id) + std::string(action);
}

gateway_answer outcome_of(const paypal_api::payment& p, const std::string& reference,
                          const std::string& code) {
  const auto status = p.status.value_or("");
  if (status == "COMPLETED" || status == "REFUNDED" || status == "PARTIALLY_REFUNDED") {
    return paypal_answer(gateway_status::approved, p.id);
  }
  if (status == "PENDING") return paypal_answer(gateway_status::accepted, reference);
  if (status == "DECLINED" || status == "FAILED" || status == "CANCELLED") {
    return paypal_answer(gateway_status::declined, reference, code, "PayPal: " + status);
  }
  return paypal_undecided(reference, status);
}

gateway_answer capture_outcome(const paypal_api::payment& p, const std::optional<money>& captured,
                               const std::string& reference, const std::string& code,
                               const expected_answer& of) {
  auto outcome = outcome_of(p, reference, code);
  if (outcome.status != gateway_status::approved) return outcome;
  return approved_with(std::move(outcome.transaction_id), captured, of);
}

bool is_captured(const paypal_api::payment& authorization) {
  return authorization.status == "CAPTURED" || authorization.status == "PARTIALLY_CAPTURED";
}

gateway_answer already_captured(const paypal_api::order& o, const expected_answer& of) {
  const auto* made = o.capture();
  return with_vault(approved_with(made ? made->id : o.id, paypal_api::captured_of(o), of), o);
}

bool is_waiting(const paypal_api::order& o) {
  return o.status == "CREATED" || o.status == "SAVED" || o.status == "PAYER_ACTION_REQUIRED";
}

gateway_answer state_of(const paypal_api::order& o, const expected_answer& of) {
  if (o.status == "COMPLETED") return outcome_of(o, of);
  if (o.status == "VOIDED") return paypal_canceled(o.id);
  return is_waiting(o) ? waiting_for_approval(o) : paypal_undecided(o.id, o.status);
}

gateway_answer outcome_of(const paypal_api::order& o, const expected_answer& of) {
  return with_vault(payment_outcome(o, of), o);
}

gateway_answer released(const paypal_api::order& o) {
  return with_vault(paypal_canceled(o.id), o);
}

std::optional<vaulted_method> vaulted_of(const paypal_api::order& o) {
  const auto* v = o.vault();
  if (v == nullptr) return std::nullopt;
  vaulted_method m;
  const bool is_kept = v->id && !v->id->empty() && v->customer && v->customer->id;
  m.token = is_kept ? *v->id : std::string(pending_prefix) + o.id;
  m.is_pending = !is_kept;
  m.hint = hint_of(o.payment_source);
  return m;
}

vaulted_method vaulted_of(const paypal_api::payment_token& t) {
  vaulted_method m;
  m.token = t.id;
  m.hint = hint_of(t.payment_source);
  return m;
}

std::string order_of_pending(std::string_view token) {
  if (!token.starts_with(pending_prefix)) return {};
  return std::string(token.substr(pending_prefix.size()));
}

std::string masked_email(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return "***";
  return std::string(address.substr(0, 1)) + "***" + std::string(address.substr(at));
}

}  // namespace stoa::gateways
