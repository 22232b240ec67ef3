#include "net/gateway_simulator/paypal_api.hpp"

#include "net/gateway/paypal_messages.hpp"
#include "net/gateway/paypal_signature.hpp"
#include "net/gateway_simulator/paypal_parts.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

const std::string orders_path = "/v2/checkout/orders";
const std::string payments_path = "/v2/payments/";
const std::string approve_path = "/paypal/approve";
constexpr std::string_view token_prefix = "A21AA";
constexpr std::size_t request_id_bytes_max = 108;

/// In minor units; nothing for an amount that PayPal does not accept.
std::optional<std::int64_t> minor_units(const paypal_amount& a) {
  const auto found = gateways::paypal_api::money_of({a.currency_code, a.value});
  if (!found || found->amount <= 0) return std::nullopt;
  return found->amount;
}

std::string base64_key(std::string_view scheme, const std::string& authorization) {
  return authorization.starts_with(scheme) ? authorization.substr(scheme.size()) : std::string();
}

paypal_payments& payments_of(paypal_record& o) {
  auto& all = o.shown.purchase_units.front().payments;
  if (!all) all.emplace();
  return *all;
}

paypal_payment* find_in(std::optional<std::vector<paypal_payment>>& list, std::string_view id) {
  if (!list) return nullptr;
  const auto found = std::ranges::find(*list, id, &paypal_payment::id);
  return found == list->end() ? nullptr : &*found;
}

fault fault_of(const std::string& buyer) {
  if (buyer == "slow") return fault::slow;
  if (buyer == "error_500") return fault::error_500;
  return buyer == "reset" ? fault::reset : fault::none;
}

}  // namespace

bool paypal_api::serves(std::string_view path) {
  return path.starts_with("/v2/") || path.starts_with("/v1/oauth2/") ||
         path.starts_with("/v1/notifications/") || path.starts_with("/v1/reporting/") ||
         path.starts_with(paypal_tokens_path) || path.starts_with("/paypal/");
}

api_response paypal_api::handle(const api_request& r, timestamp now) {
  now_ = now;
  if (r.path == approve_path) return page(r);
  if (r.path == "/v1/oauth2/token") return token(r);
  if (r.path.starts_with(gateways::paypal_certificates_path) && r.method == "GET") {
    return certificate(std::string_view(r.path).substr(gateways::paypal_certificates_path.size()));
  }
  if (!base64_key("Bearer ", r.authorization).starts_with(token_prefix)) {
    return failed_with(401, "AUTHENTICATION_FAILURE", "INVALID_TOKEN");
  }
  host_ = r.host;
  if (r.idempotency_key.size() > request_id_bytes_max) {
    return failed_with(400, "INVALID_REQUEST", "INVALID_PAYPAL_REQUEST_ID");
  }
  const auto key = r.idempotency_key.empty() ? "" : "paypal:" + r.path + ":" + r.idempotency_key;
  if (!key.empty()) {
    if (const auto first = answers_.find_answer(key)) return {first->status, first->body};
  }
  auto answer = execute(r);
  if (!key.empty() && r.method == "POST" && answer.status < 300) {
    answers_.save(key, {"", answer.status, answer.body});
  }
  if (answer.with == fault::error_500) {
    answer = failed_with(500, "INTERNAL_SERVER_ERROR");
    answer.with = fault::error_500;
  }
  return answer;
}

/// The response to a new request, with its fault. A GET does not fail.
api_response paypal_api::execute(const api_request& r) {
  if (r.method == "GET") return route(r);
  const auto with = next_fault(options_.faults, random_);
  if (with == fault::error_500_before) return failed_with(500, "INTERNAL_SERVER_ERROR");
  auto answer = route(r);
  if (with != fault::none && answer.status < 300) answer.with = with;
  return answer;
}

api_response paypal_api::token(const api_request& r) {
  if (base64_key("Basic ", r.authorization).empty() || r.method != "POST") {
    return {401,
            R"({"error":"invalid_client","error_description":"Client Authentication failed"})"};
  }
  const auto token = std::string(token_prefix) + new_paypal_id() + new_paypal_id();
  return {200, R"({"scope":"","access_token":")" + token +
                   R"(","token_type":"Bearer","app_id":"APP-SIMULATOR","expires_in":32400})"};
}

api_response paypal_api::route(const api_request& r) {
  const std::string_view path = r.path;
  if (path.starts_with(orders_path)) return orders(r, path.substr(orders_path.size()));
  if (path.starts_with(payments_path)) return payments(r, path.substr(payments_path.size()));
  if (path.starts_with(paypal_tokens_path)) {
    return tokens(r, path.substr(paypal_tokens_path.size()));
  }
  if (path == "/v1/reporting/transactions" && r.method == "GET") return transactions(r);
  return not_found_response();
}

/// `rest`: "", "/ID", "/ID/capture" or "/ID/authorize".
api_response paypal_api::orders(const api_request& r, std::string_view rest) {
  if (rest.empty()) return r.method == "POST" ? create(r) : not_found_response();
  rest.remove_prefix(1);
  const auto slash = std::min(rest.find('/'), rest.size());
  auto o = orders_.find(std::string(rest.substr(0, slash)));
  if (!o) return not_found_response();
  if (slash == rest.size())
    return r.method == "GET" ? response_with(o->shown) : not_found_response();
  return r.method == "POST" ? finish(*o, rest.substr(slash + 1), r) : not_found_response();
}

/// `rest`: "captures/ID", "captures/ID/refund", "authorizations/ID/void" and so on.
api_response paypal_api::payments(const api_request& r, std::string_view rest) {
  const auto first = std::min(rest.find('/'), rest.size());
  const auto kind = rest.substr(0, first);
  auto id = rest.substr(std::min(first + 1, rest.size()));
  const auto second = std::min(id.find('/'), id.size());
  const auto action = id.substr(std::min(second + 1, id.size()));
  id = id.substr(0, second);
  auto o = orders_.find_by_payment(std::string(id));
  if (!o) return not_found_response();
  auto& all = payments_of(*o);
  auto& list = kind == "captures"  ? all.captures
               : kind == "refunds" ? all.refunds
                                   : all.authorizations;
  const auto* found = find_in(list, id);
  if (found == nullptr) return not_found_response();
  if (action.empty()) return response_with(*found);
  if (kind == "captures" && action == "refund") return refund(*o, r);
  if (kind == "authorizations" && action == "capture") return capture_authorization(*o, r);
  if (kind == "authorizations" && action == "void") return void_authorization(*o);
  return not_found_response();
}

api_response paypal_api::create(const api_request& r) {
  const auto body = json::read_lenient<paypal_order_request>(r.body);
  if (!body || body->purchase_units.size() != 1)
    return failed_with(400, "INVALID_REQUEST", "MALFORMED");
  if (body->intent != "CAPTURE" && body->intent != "AUTHORIZE") {
    return failed_with(400, "INVALID_REQUEST", "INVALID_PARAMETER_VALUE");
  }
  if (body->payment_source && r.idempotency_key.empty()) {
    return failed_with(400, "INVALID_REQUEST", "PAYPAL_REQUEST_ID_REQUIRED");
  }
  const auto& unit = body->purchase_units.front();
  if (!minor_units(unit.amount)) return refused("DECIMAL_PRECISION");
  paypal_record o;
  o.shown.id = new_paypal_id();
  o.shown.intent = body->intent;
  o.shown.status = body->payment_source ? "PAYER_ACTION_REQUIRED" : "CREATED";
  o.shown.purchase_units = {unit};
  o.shown.create_time = now_.str();
  const auto self = "http://" + r.host + orders_path + "/" + o.shown.id;
  o.shown.links = {{self, "self"},
                   {"http://" + r.host + approve_path + "?token=" + o.shown.id,
                    body->payment_source ? "payer-action" : "approve"}};
  if (body->payment_source && body->payment_source->paypal) {
    const auto urls =
        body->payment_source->paypal->experience_context.value_or(paypal_experience{});
    o.return_url = urls.return_url.value_or("");
    o.cancel_url = urls.cancel_url.value_or("");
    const auto attributes = body->payment_source->paypal->attributes.value_or(paypal_attributes{});
    if (attributes.vault) {
      const bool is_complete =
          attributes.vault->store_in_vault == "ON_SUCCESS" && attributes.vault->usage_type;
      if (!is_complete) return refused("VAULT_INSTRUCTION_REQUIRED");
      o.saves_for = attributes.customer.value_or(paypal_customer{});
    }
  }
  orders_.save(o);
  return response_with(o.shown, body->payment_source ? 200 : 201);
}

paypal_payment& paypal_api::add_payment(
    paypal_record& o, std::optional<std::vector<paypal_payment>> paypal_payments::*list,
    const paypal_amount& amount, const std::string& status) {
  const auto& unit = o.shown.purchase_units.front();
  auto& all = payments_of(o).*list;
  if (!all) all.emplace();
  all->push_back({new_paypal_id(), status, amount, unit.custom_id, unit.invoice_id, now_.str()});
  orders_.add_payment(all->back().id, o.shown.id);
  return all->back();
}

/// Captures or authorises an approved order, or one with the saved account of the request.
api_response paypal_api::finish(paypal_record& o, std::string_view action, const api_request& r) {
  const bool captures = action == "capture";
  if (!captures && action != "authorize") return not_found_response();
  if (captures != (o.shown.intent == "CAPTURE")) return refused("ACTION_DOES_NOT_MATCH_INTENT");
  if (o.shown.status == "COMPLETED") {
    return refused(captures ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED");
  }
  if (auto why = approve_with_saved(o, r)) return std::move(*why);
  if (o.shown.status != "APPROVED") return refused("ORDER_NOT_APPROVED");
  if (o.buyer == "declined") return refused("INSTRUMENT_DECLINED");
  const auto amount = o.shown.purchase_units.front().amount;
  o.shown.status = "COMPLETED";
  if (captures) {
    ++o.captures;
    o.captured = minor_units(amount).value_or(0);
    const auto made = add_payment(o, &paypal_payments::captures, amount, "COMPLETED");
    emit("PAYMENT.CAPTURE.COMPLETED", "capture", paypal_json(made));
  } else {
    const auto made = add_payment(o, &paypal_payments::authorizations, amount, "CREATED");
    emit("PAYMENT.AUTHORIZATION.CREATED", "authorization", paypal_json(made));
  }
  save_account(o);
  orders_.save(o);
  auto answer = response_with(o.shown, 201);
  answer.with = fault_of(o.buyer);
  return answer;
}

api_response paypal_api::capture_authorization(paypal_record& o, const api_request& r) {
  auto& held = payments_of(o).authorizations->front();
  if (held.status == "VOIDED") return refused("AUTHORIZATION_VOIDED");
  if (held.status != "CREATED") return refused("AUTHORIZATION_ALREADY_CAPTURED");
  const auto body = json::read_lenient<paypal_amount_request>(r.body);
  const auto amount = body && body->amount ? *body->amount : held.amount;
  const auto units = minor_units(amount);
  if (!units || *units > minor_units(held.amount).value_or(0)) {
    return refused("MAX_CAPTURE_AMOUNT_EXCEEDED");
  }
  held.status = "CAPTURED";
  ++o.captures;
  o.captured = *units;
  const auto made = add_payment(o, &paypal_payments::captures, amount, "COMPLETED");
  orders_.save(o);
  emit("PAYMENT.CAPTURE.COMPLETED", "capture", paypal_json(made));
  return response_with(made, 201);
}

api_response paypal_api::void_authorization(paypal_record& o) {
  auto& held = payments_of(o).authorizations->front();
  if (held.status == "CAPTURED") return refused("PREVIOUSLY_CAPTURED");
  if (held.status == "VOIDED") return refused("PREVIOUSLY_VOIDED");
  held.status = "VOIDED";
  orders_.save(o);
  emit("PAYMENT.AUTHORIZATION.VOIDED", "authorization", paypal_json(held));
  return response_with(held);
}

api_response paypal_api::refund(paypal_record& o, const api_request& r) {
  const auto body = json::read_lenient<paypal_amount_request>(r.body);
  const auto left = o.captured - o.refunded;
  if (left == 0) return refused("CAPTURE_FULLY_REFUNDED");
  auto& captured = payments_of(o).captures->front();
  const auto amount = body && body->amount ? *body->amount : captured.amount;
  const auto units = body && body->amount ? minor_units(amount) : std::optional(left);
  if (!units || *units > left) return refused("REFUND_AMOUNT_EXCEEDED");
  if (amount.currency_code != captured.amount.currency_code) {
    return refused("REFUND_CAPTURE_CURRENCY_MISMATCH");
  }
  o.refunded += *units;
  captured.status = o.refunded == o.captured ? "REFUNDED" : "PARTIALLY_REFUNDED";
  const auto made = add_payment(o, &paypal_payments::refunds, amount, "COMPLETED");
  orders_.save(o);
  emit("PAYMENT.CAPTURE.REFUNDED", "refund", paypal_json(made));
  return response_with(made, 201);
}

api_response paypal_api::certificate(std::string_view id) const {
  if (id != signer_.certificate_id()) return not_found_response();
  return {200, signer_.certificate(), "application/x-pem-file"};
}

/// The page on which the buyer approves the payment, or returns to the shop without doing so.
api_response paypal_api::page(const api_request& r) {
  constexpr const char* html = "text/html; charset=utf-8";
  auto o = orders_.find(std::string(r.fields.find("token").value_or("")));
  const bool is_open = o && (o->shown.status == "CREATED" || o->shown.status == "APPROVED" ||
                             o->shown.status == "PAYER_ACTION_REQUIRED");
  if (!is_open)
    return {404, "<!doctype html><title>PayPal</title><p>Nothing to approve.</p>", html};
  if (r.method == "GET") {
    return {200,
            "<!doctype html><title>PayPal</title><form method=\"post\">"
            "<input type=\"hidden\" name=\"token\" value=\"" +
                o->shown.id +
                "\"><input name=\"buyer\" value=\"personal\">"
                "<button name=\"outcome\" value=\"approve\">Approve</button>"
                "<button name=\"outcome\" value=\"cancel\">Cancel</button></form>",
            html};
  }
  const bool approves = r.fields.find("outcome").value_or("") == "approve";
  if (approves) {
    o->shown.status = "APPROVED";
    o->buyer = r.fields.find("buyer").value_or("personal");
    o->shown.payment_source.emplace().paypal.email_address = o->buyer + "@example.com";
    orders_.save(*o);
    emit("CHECKOUT.ORDER.APPROVED", "checkout-order", paypal_json(o->shown));
  }
  const auto& back = approves ? o->return_url : o->cancel_url;
  api_response answer{303, ""};
  answer.location =
      back + (back.find('?') == std::string::npos ? "?" : "&") + "token=" + o->shown.id;
  return answer;
}

void paypal_api::emit(const std::string& type, const std::string& resource_type,
                      std::string resource) {
  paypal_event event;
  event.id = "WH-" + new_paypal_id();
  event.create_time = now_.str();
  event.resource_type = resource_type;
  event.event_type = type;
  event.resource.text = std::move(resource);
  const auto body = paypal_json(event);
  orders_.deliveries().add(body, now_, options_.disorder ? &random_ : nullptr);
}

}  // namespace stoa::simulator
