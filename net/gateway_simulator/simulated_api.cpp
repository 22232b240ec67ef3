#include "net/gateway_simulator/simulated_api.hpp"

#include "net/gateway/stripe_messages.hpp"
#include "net/gateway_simulator/simulated_parts.hpp"
#include "net/http/percent.hpp"

#include <algorithm>
#include <map>

namespace stoa::simulator {

namespace {

const std::string page_path = "/simulator/3ds/";
constexpr std::int64_t amount_max = 99'999'999;
constexpr std::size_t key_bytes_max = 255;

api_response wrong_state(const intent_record& i, std::string_view action) {
  error_object why{"invalid_request_error"};
  why.code = "payment_intent_unexpected_state";
  why.message = "You cannot " + std::string(action) +
                " this PaymentIntent because it has a status of " + i.shown.status + ".";
  why.payment_intent = json::raw{json_of(i.shown)};
  return failed(400, std::move(why));
}

std::string fingerprint_of(const api_request& r) {
  std::map<std::string, std::string> sorted(r.fields.pairs().begin(), r.fields.pairs().end());
  std::string all = r.method + " " + r.path;
  for (const auto& [name, value] : sorted) {
    all.append("\n").append(http::percent_encode(name)).append("=");
    all.append(http::percent_encode(value));
  }
  return text::hex(text::hash(all));
}

api_response no_method() {
  auto refused = missing("PaymentMethod", "payment_method");
  refused.status = 400;
  return refused;
}

bool is_stored(int status) {
  // Requests that fail validation are not stored.
  return status < 400 || status == 402 || status >= 500;
}

bool has_key(const api_request& r) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = r.authorization;
  if (!given.starts_with(scheme)) return false;
  const auto key = given.substr(scheme.size());
  return key.starts_with("sk_test_") || key.starts_with("rk_test_");
}

api_response server_error() {
  error_object why{"api_error"};
  why.message = "Simulated server error.";
  return failed(500, std::move(why));
}

}  // namespace

metadata_map metadata_of(const api_request& r) {
  metadata_map all;
  for (const auto& [name, value] : r.fields.pairs()) {
    constexpr std::string_view prefix = "metadata[";
    if (!name.starts_with(prefix) || !name.ends_with(']')) continue;
    all[name.substr(prefix.size(), name.size() - prefix.size() - 1)] = value;
  }
  return all;
}

api_response simulated_api::handle(const api_request& r, timestamp now) {
  now_ = now;
  if (r.path.starts_with(page_path)) return page(r, r.path.substr(page_path.size()));
  if (!has_key(r)) {
    error_object why{"invalid_request_error"};
    why.message = "Send a test key as bearer token: sk_test_...";
    return failed(401, std::move(why));
  }
  if (r.method == "GET") return get(r);
  if (r.method == "DELETE") return execute(r);
  if (r.path.starts_with(manual_path)) return manual(r);
  if (r.idempotency_key.empty()) return execute(r);
  if (r.idempotency_key.size() > key_bytes_max) return invalid("The Idempotency-Key is too long.");
  const auto fingerprint = fingerprint_of(r);
  if (const auto first = books_.find_answer(r.idempotency_key)) {
    if (first->fingerprint != fingerprint) {
      error_object why{"idempotency_error"};
      why.message = "The Idempotency-Key was used with other parameters.";
      return failed(400, std::move(why));
    }
    api_response again{first->status, first->body};
    again.replayed = true;
    return again;
  }
  auto answer = execute(r);
  if (is_stored(answer.status)) {
    books_.save(r.idempotency_key, {fingerprint, answer.status, answer.body});
  }
  return answer;
}

/// The response to a new request, unless a fault happens.
api_response simulated_api::execute(const api_request& r) {
  const auto with = next_fault(options_.faults, random_);
  if (with == fault::error_500_before) return server_error();
  auto answer = r.method == "DELETE" ? remove_customer(id_in(r.path, customers_path)) : post(r);
  if (with == fault::none || answer.status >= 300) return answer;
  if (with == fault::error_500) return server_error();
  answer.with = with;
  return answer;
}

fault next_fault(const std::vector<planned_fault>& faults, std::mt19937& random) {
  for (const auto& f : faults) {
    const auto drawn = static_cast<double>(random()) / static_cast<double>(std::mt19937::max());
    if (drawn < f.probability || f.probability >= 1) return f.kind;
  }
  return fault::none;
}

api_response simulated_api::get(const api_request& r) {
  for (const auto path : {intents_path, refunds_path, disputes_path}) {
    if (r.path == path) return list(r);
  }
  return find(r);
}

api_response simulated_api::post(const api_request& r) {
  if (r.path == intents_path) return create(r);
  if (r.path == refunds_path) return refund(r);
  if (r.path == customers_path) return create_customer(r);
  if (r.path == methods_path) return create_method(r);
  if (const auto rest = id_in(r.path, methods_path); !rest.empty()) return post_to_method(r, rest);
  if (id_in(r.path, intents_path).empty()) return missing("endpoint", "url");
  const auto rest = std::string_view(r.path).substr(intents_path.size() + 1);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return post_to_intent(r, rest, "");
  return post_to_intent(r, rest.substr(0, slash), rest.substr(slash + 1));
}

api_response simulated_api::post_to_intent(const api_request& r, std::string_view id,
                                           std::string_view action) {
  auto found = books_.find_intent(std::string(id));
  if (!found) return missing("payment_intent", "intent");
  if (action.empty()) return update(*found, r);
  if (action == "confirm") return confirm(*found, r);
  if (action == "capture") return capture(*found, r);
  if (action == "cancel") return cancel(*found, r);
  return missing("endpoint", "url");
}

api_response simulated_api::create(const api_request& r) {
  const auto amount = number(field(r, "amount"));
  if (!amount) return invalid("Missing or invalid amount.", "parameter_missing", "amount");
  if (*amount < 1) return invalid("The amount is too small.", "amount_too_small", "amount");
  if (*amount > amount_max)
    return invalid("The amount is too large.", "amount_too_large", "amount");
  const auto currency = field(r, "currency");
  if (currency.size() != 3) return invalid("Missing currency.", "parameter_missing", "currency");
  const auto capture = r.fields.find("capture_method").value_or("automatic");
  if (capture != "automatic" && capture != "automatic_async" && capture != "manual") {
    return invalid("Invalid capture_method.", "parameter_invalid_string", "capture_method");
  }
  intent_record i;
  i.shown.id = new_id("pi_");
  i.shown.amount = *amount;
  i.shown.capture_method = capture;
  i.shown.client_secret = new_id(i.shown.id + "_secret_");
  i.shown.created = now_.us / 1'000'000;
  i.shown.currency = currency;
  i.shown.metadata = metadata_of(r);
  if (const auto customer = field(r, "customer"); !customer.empty()) {
    if (!is_customer(customer)) return no_customer(customer);
    i.shown.customer.value = customer;
  }
  if (const auto use = field(r, "setup_future_usage"); !use.empty()) {
    i.shown.setup_future_usage.value = use;
  }
  if (const auto token = field(r, "payment_method"); !token.empty()) {
    const auto method = method_of(token);
    if (!method) return no_method();
    i.shown.payment_method.value = method->shown.id;
    i.shown.status = "requires_confirmation";
  }
  books_.save(i);
  emit("payment_intent.created", json_of(i.shown));
  if (field(r, "confirm") != "true") return shown_intent(i, r);
  auto confirmation = r;
  confirmation.fields = {};
  return confirm(i, confirmation);
}

api_response simulated_api::shown_intent(const intent_record& i, const api_request& r) {
  auto text = json_of(i.shown);
  const auto& pairs = r.fields.pairs();
  const bool expands = std::ranges::any_of(pairs, [](const auto& p) {
    return p.first.starts_with("expand[") && p.second == "payment_method";
  });
  const auto id = i.shown.payment_method.value.value_or("");
  const auto method = expands ? books_.find_method(id) : std::nullopt;
  if (method) {
    const auto member = "\"payment_method\":\"" + id + "\"";
    const auto at = text.find(member);
    text.replace(at, member.size(), "\"payment_method\":" + json_of(method->shown));
  }
  return {200, std::move(text)};
}

api_response simulated_api::confirm(intent_record& i, const api_request& r) {
  if (i.shown.status != "requires_payment_method" && i.shown.status != "requires_confirmation") {
    return wrong_state(i, "confirm");
  }
  auto token = field(r, "payment_method");
  if (token.empty()) token = i.shown.payment_method.value.value_or("");
  const auto method = method_of(token);
  if (!method) return no_method();
  if (auto refused = method_refused(i, *method)) return *refused;
  const auto* used = find_card(method->card);
  i.shown.payment_method.value = method->shown.id;
  i.shown.last_payment_error.value.reset();
  if (!used->code.empty()) {
    error_object why{"card_error"};
    why.code = std::string(used->code);
    why.decline_code = std::string(used->decline_code);
    why.message = "The card was declined.";
    fail(i, why);
    why.payment_intent = json::raw{json_of(i.shown)};
    return failed(402, std::move(why));
  }
  if (used->asks_customer) {
    i.shown.status = "requires_action";
    i.shown.next_action.value = action_object{};
    i.shown.next_action.value->redirect_to_url = {field(r, "return_url"),
                                                  "http://" + r.host + page_path + i.shown.id};
    books_.save(i);
    emit("payment_intent.requires_action", json_of(i.shown));
    return shown_intent(i, r);
  }
  pay(i);
  auto answer = shown_intent(i, r);
  answer.with = used->with;
  return used->with == fault::error_500 ? server_error() : answer;
}

/// Charges the card, or reserves the amount.
void simulated_api::pay(intent_record& i) {
  i.shown.next_action.value.reset();
  i.shown.latest_charge.value = new_id("ch_");
  ++i.charges;
  const bool captures = i.shown.capture_method != "manual";
  i.shown.status = captures ? "succeeded" : "requires_capture";
  (captures ? i.shown.amount_received : i.shown.amount_capturable) = i.shown.amount;
  books_.save(i);
  use_method(i, true);
  emit(captures ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
       json_of(i.shown));
  if (captures) plan_dispute(i);
}

void simulated_api::plan_dispute(const intent_record& i) {
  const auto* used = card_of(i);
  if (used == nullptr || used->later != aftermath::disputed) return;
  books_.plan({std::string(dispute_change), i.shown.id}, now_ + aftermath_delay);
}

void simulated_api::fail(intent_record& i, error_object why) {
  i.shown.status = "requires_payment_method";
  i.shown.next_action.value.reset();
  i.shown.last_payment_error.value = std::move(why);
  books_.save(i);
  use_method(i, false);
  emit("payment_intent.payment_failed", json_of(i.shown));
}

api_response simulated_api::capture(intent_record& i, const api_request& r) {
  if (i.shown.status != "requires_capture") return wrong_state(i, "capture");
  const auto wanted = field(r, "amount_to_capture");
  const auto amount = wanted.empty() ? i.shown.amount : number(wanted).value_or(0);
  if (amount < 1 || amount > i.shown.amount) {
    return invalid("Invalid amount_to_capture.", "amount_too_large", "amount_to_capture");
  }
  i.shown.status = "succeeded";
  i.shown.amount_received = amount;
  i.shown.amount_capturable = 0;
  books_.save(i);
  emit("payment_intent.succeeded", json_of(i.shown));
  plan_dispute(i);
  return shown(i.shown);
}

api_response simulated_api::cancel(intent_record& i, const api_request& r) {
  if (i.shown.status == "succeeded" || i.shown.status == "canceled") {
    return wrong_state(i, "cancel");
  }
  i.shown.status = "canceled";
  i.shown.amount_capturable = 0;
  i.shown.next_action.value.reset();
  if (auto reason = field(r, "cancellation_reason"); !reason.empty()) {
    i.shown.cancellation_reason.value = std::move(reason);
  }
  books_.save(i);
  emit("payment_intent.canceled", json_of(i.shown));
  return shown(i.shown);
}

api_response simulated_api::refund(const api_request& r) {
  auto i = books_.find_intent(field(r, "payment_intent"));
  if (!i) return missing("payment_intent", "payment_intent");
  if (i->shown.status != "succeeded") {
    return invalid("The PaymentIntent has no successful charge to refund.");
  }
  const auto left = i->shown.amount_received - i->refunded;
  if (left == 0) return invalid("The charge has been refunded.", "charge_already_refunded");
  const auto wanted = field(r, "amount");
  const auto amount = wanted.empty() ? left : number(wanted).value_or(0);
  if (amount < 1 || amount > left) {
    return invalid("The amount is greater than the unrefunded amount.", "", "amount");
  }
  return shown(make_refund(*i, amount, metadata_of(r)));
}

refund_object simulated_api::make_refund(intent_record& i, std::int64_t amount,
                                         metadata_map metadata) {
  const auto* used = card_of(i);
  const auto later = used == nullptr ? aftermath::none : used->later;
  refund_object made;
  made.id = new_id("re_");
  made.amount = amount;
  made.charge = i.shown.latest_charge;
  made.created = now_.us / 1'000'000;
  made.currency = i.shown.currency;
  made.metadata = std::move(metadata);
  made.payment_intent = i.shown.id;
  if (later == aftermath::refund_succeeds) made.status = "pending";
  i.refunded += amount;
  books_.save(i);
  books_.save(made);
  emit("refund.created", json_of(made));
  emit_charge(i);
  if (later == aftermath::refund_succeeds || later == aftermath::refund_fails) {
    const auto kind = later == aftermath::refund_fails ? failure_change : success_change;
    books_.plan({std::string(kind), made.id}, now_ + aftermath_delay);
  }
  return made;
}

/// The page on which the customer confirms a payment, or fails to.
api_response simulated_api::page(const api_request& r, const std::string& id) {
  auto i = books_.find_intent(id);
  if (!i || i->shown.status != "requires_action") {
    return {404, "<!doctype html><title>3-D Secure</title><p>Nothing to confirm.</p>",
            "text/html; charset=utf-8"};
  }
  if (r.method == "GET") {
    return {200,
            "<!doctype html><title>3-D Secure</title><form method=\"post\">"
            "<button name=\"outcome\" value=\"complete\">Complete</button>"
            "<button name=\"outcome\" value=\"fail\">Fail</button></form>",
            "text/html; charset=utf-8"};
  }
  const auto back = i->shown.next_action.value.value_or(action_object{}).redirect_to_url.return_url;
  if (field(r, "outcome") == "complete") {
    pay(*i);
  } else {
    error_object why{"invalid_request_error"};
    why.code = "payment_intent_authentication_failure";
    why.message = "The customer did not authenticate the payment.";
    fail(*i, std::move(why));
  }
  api_response answer{303, ""};
  answer.location =
      back + (back.find('?') == std::string::npos ? "?" : "&") + "payment_intent=" + id;
  return answer;
}

void simulated_api::emit(const std::string& type, std::string object) {
  event_object event;
  event.id = new_id("evt_");
  event.api_version = std::string(gateways::stripe_api::version);
  event.created = now_.us / 1'000'000;
  event.data.object.text = std::move(object);
  event.type = type;
  const auto body = json_of(event);
  books_.deliveries().add(body, now_, options_.disorder ? &random_ : nullptr);
}

}  // namespace stoa::simulator
