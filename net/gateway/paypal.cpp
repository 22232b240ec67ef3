#include "net/gateway/paypal.hpp"

#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <utility>

namespace stoa::gateways {

namespace {

using payment::gateway_answer;
using payment::gateway_status;
using payment::open_effect;

const std::string paypal_orders_path = "/v2/checkout/orders";
const std::string paypal_authorizations_path = "/v2/payments/authorizations/";
const std::string paypal_captures_path = "/v2/payments/captures/";
const std::string paypal_refunds_path = "/v2/payments/refunds/";

gateway_answer paypal_answer(gateway_status status, std::string id, std::string code = {},
                             std::string detail = {}) {
  return {status, std::move(id), std::move(code), std::move(detail), {}};
}

gateway_answer paypal_unknown(std::string id = {}) {
  return paypal_answer(gateway_status::unknown, std::move(id), "", "PayPal has not answered.");
}

gateway_answer paypal_canceled(std::string id) {
  return paypal_answer(gateway_status::declined, std::move(id), "canceled",
                       "The payment was canceled before it was captured.");
}

gateway_answer declined_by(const paypal_api::reply& r, std::string id, std::string_view fallback) {
  return paypal_answer(gateway_status::declined, std::move(id),
                       paypal_api::stable_code(r.issue, fallback), "PayPal: " + r.issue);
}

template <class T>
std::optional<T> read_object(const paypal_api::reply& r) {
  if (r.kind != paypal_api::reply_kind::accepted) return std::nullopt;
  auto object = json::read_lenient<T>(r.body);
  if (!object || object->id.empty()) return std::nullopt;
  return std::move(*object);
}

std::string paypal_path(const std::string& base, const std::string& id,
                        std::string_view action = {}) {
  return base + http::percent_encode(id) + std::string(action);
}

/// The outcome of a capture or a refund; `reference`: reported with it.
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
  return paypal_unknown(reference);
}

/// The outcome of a finished order: a capture's id identifies it for refunds, otherwise its own.
gateway_answer outcome_of(const paypal_api::order& o) {
  if (o.captures()) {
    const auto* made = o.capture();
    return made ? outcome_of(*made, o.id, "instrument_declined") : paypal_unknown(o.id);
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
  return paypal_unknown(o.id);
}

/// The customer has not approved the order yet.
gateway_answer waiting_for_approval(const paypal_api::order& o) {
  auto url = o.approval_url();
  if (url.empty()) return paypal_answer(gateway_status::accepted, o.id);
  return {gateway_status::action_required, o.id, "action_required",
          "The customer must approve the payment at PayPal.", std::move(url)};
}

bool is_waiting(const paypal_api::order& o) {
  return o.status == "CREATED" || o.status == "SAVED" || o.status == "PAYER_ACTION_REQUIRED";
}

std::string new_order_of(const payment::authorize_request& r, const paypal_api::amount& amount,
                         const paypal_options& options) {
  paypal_api::new_order o;
  o.intent = r.capture ? "CAPTURE" : "AUTHORIZE";
  o.purchase_units = {{r.key, r.order_id, amount}};
  o.payment_source.paypal.experience_context.return_url = options.return_url;
  o.payment_source.paypal.experience_context.cancel_url =
      options.cancel_url.empty() ? options.return_url : options.cancel_url;
  return json::write(o);
}

}  // namespace

outbound::client_config paypal_client_config(std::string name, std::size_t in_flight_max,
                                             prometheus::Registry* metrics) {
  outbound::client_config c;
  c.name = std::move(name);
  // The operator chooses the server; it may be in a private network.
  c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
  c.in_flight_max = in_flight_max;
  c.in_flight_per_host_max = in_flight_max;
  c.metrics = metrics;
  return c;
}

paypal::paypal(paypal_options options)
    : options_(std::move(options)),
      session_(options_.credentials,
               paypal_client_config("paypal", options_.in_flight_max, options_.metrics)) {}

paypal::~paypal() {
  stop();
}

void paypal::stop() {
  stopped_ = true;
  open_.wait();
}

paypal::callback paypal::tracked(callback done) {
  return open_.counted(std::move(done));
}

void paypal::send(std::string method, std::string path, std::string body, std::string request_id,
                  then next) {
  if (stopped_) return next({});
  session_.send(std::move(method), std::move(path), std::move(body), std::move(request_id),
                std::move(next));
}

void paypal::fetch(const std::string& id, then_order next) {
  send("GET", paypal_path(paypal_orders_path + "/", id), "", "",
       [next = std::move(next)](const reply& r) { next(read_object<order>(r)); });
}

// --- authorisation
// -------------------------------------------------------------------------------

void paypal::authorize(payment::authorize_request request, callback done) {
  const auto amount = paypal_api::amount_of(request.amount);
  if (!amount) {
    return done(paypal_answer(gateway_status::declined, "", "invalid_amount",
                              "PayPal cannot express the amount in this currency."));
  }
  send("POST", paypal_orders_path, new_order_of(request, *amount, options_), request.key,
       [this, key = request.key, report = tracked(std::move(done))](const reply& r) {
         if (r.kind == paypal_api::reply_kind::rejected) {
           return report(declined_by(r, "", "invalid_request"));
         }
         const auto made = read_object<order>(r);
         made ? settle(*made, key, report) : report(paypal_unknown());
       });
}

/// Reports the state of the order, and finishes it once it is approved.
void paypal::settle(const order& o, const std::string& key, const callback& done) {
  if (o.status == "APPROVED") return finish(o, key, done);
  if (o.status == "COMPLETED") return done(outcome_of(o));
  if (o.status == "VOIDED") return done(paypal_canceled(o.id));
  done(is_waiting(o) ? waiting_for_approval(o) : paypal_unknown(o.id));
}

/// Captures or authorises an approved order, at most once under the payment's key.
void paypal::finish(const order& o, const std::string& key, const callback& done) {
  const std::string action = o.captures() ? "capture" : "authorize";
  send("POST", paypal_path(paypal_orders_path + "/", o.id, "/" + action), "{}", key + ":" + action,
       [this, id = o.id, done](const reply& r) {
         if (const auto finished = read_object<order>(r)) return done(outcome_of(*finished));
         if (r.kind != paypal_api::reply_kind::rejected && r.status == 0)
           return done(paypal_unknown(id));
         const bool may_be_done =
             r.kind == paypal_api::reply_kind::uncertain || r.issue.starts_with("ORDER_ALREADY_");
         const bool is_open = r.issue == "ORDER_NOT_APPROVED" || r.issue == "PAYER_ACTION_REQUIRED";
         if (!may_be_done && !is_open) return done(declined_by(r, id, "instrument_declined"));
         fetch(id, [id, done](const std::optional<order>& now) {
           if (now && now->status == "COMPLETED") return done(outcome_of(*now));
           done(now && is_waiting(*now) ? waiting_for_approval(*now) : paypal_unknown(id));
         });
       });
}

void paypal::void_authorization(payment::void_request request, callback done) {
  const auto id = request.authorization.transaction_id;
  // Without an answer the customer has no URL, so that nothing can be approved.
  if (id.empty()) return done(paypal_canceled(""));
  fetch(id, [this, id, key = request.authorization.key,
             report = tracked(std::move(done))](const std::optional<order>& o) {
    o ? settle_void(*o, key, true, report) : report(paypal_unknown(id));
  });
}

void paypal::settle_void(const order& o, const std::string& key, bool may_finish,
                         const callback& done) {
  if (is_waiting(o) || o.status == "VOIDED") return done(paypal_canceled(o.id));
  if (o.status == "APPROVED" && may_finish) {
    return finish(o, key, [this, id = o.id, key, done](const gateway_answer& a) {
      if (a.status == gateway_status::declined) return done(paypal_canceled(id));
      fetch(id, [this, id, key, done](const std::optional<order>& now) {
        now ? settle_void(*now, key, false, done) : done(paypal_unknown(id));
      });
    });
  }
  if (o.status != "COMPLETED") return done(paypal_unknown(o.id));
  if (!o.captures()) return release(o, key, done);
  auto outcome = outcome_of(o);
  if (outcome.status == gateway_status::declined) outcome = paypal_canceled(o.id);
  // A capture that PayPal reviews can still succeed.
  if (outcome.status == gateway_status::accepted) outcome = paypal_unknown(o.id);
  done(std::move(outcome));
}

/// Voids the authorisation of the order.
void paypal::release(const order& o, const std::string& key, const callback& done) {
  const auto outcome = outcome_of(o);
  const auto* made = o.authorization();
  if (made == nullptr || outcome.status == gateway_status::declined) {
    return done(made ? paypal_canceled(o.id) : paypal_unknown(o.id));
  }
  if (made->status == "CAPTURED") return done(paypal_answer(gateway_status::approved, o.id));
  send("POST", paypal_path(paypal_authorizations_path, made->id, "/void"), "{}", key + ":void",
       [this, id = o.id, done](const reply& r) {
         if (r.kind == paypal_api::reply_kind::accepted) return done(paypal_canceled(id));
         if (r.kind == paypal_api::reply_kind::uncertain) return done(paypal_unknown(id));
         fetch(id, [id, done](const std::optional<order>& now) {
           const auto* left = now ? now->authorization() : nullptr;
           const auto status = left ? left->status.value_or("") : std::string();
           if (status == "CAPTURED") return done(paypal_answer(gateway_status::approved, id));
           done(status == "VOIDED" ? paypal_canceled(id) : paypal_unknown(id));
         });
       });
}

// --- capture, refunds, lookups
// -------------------------------------------------------------------

void paypal::capture(payment::capture_request request, callback done) {
  const auto id = request.authorization.transaction_id;
  if (id.empty()) {
    return done(paypal_answer(gateway_status::declined, "", "charge_not_found",
                              "PayPal has no order for this payment."));
  }
  fetch(id, [this, id, r = std::move(request),
             report = tracked(std::move(done))](const std::optional<order>& o) {
    const auto* made = o ? o->authorization() : nullptr;
    if (!made) return report(paypal_unknown(id));
    if (made->status == "CAPTURED" && o->capture()) {
      return report(outcome_of(*o->capture(), o->capture()->id, "capture_declined"));
    }
    if (made->status == "VOIDED") return report(paypal_canceled(id));
    capture_authorization(r, made->id, report);
  });
}

void paypal::capture_authorization(const payment::capture_request& r,
                                   const std::string& authorization, const callback& done) {
  const auto amount = paypal_api::amount_of(r.amount);
  if (!amount) {
    return done(paypal_answer(gateway_status::declined, "", "invalid_amount",
                              "PayPal cannot express the amount in this currency."));
  }
  send("POST", paypal_path(paypal_authorizations_path, authorization, "/capture"),
       json::write(paypal_api::new_capture{*amount}), r.key, [done](const reply& answer) {
         if (const auto made = read_object<paypal_api::payment>(answer)) {
           return done(outcome_of(*made, made->id, "capture_declined"));
         }
         const bool is_final = answer.kind == paypal_api::reply_kind::rejected &&
                               answer.issue != "AUTHORIZATION_ALREADY_CAPTURED";
         done(is_final ? declined_by(answer, "", "capture_declined") : paypal_unknown());
       });
}

void paypal::refund(payment::refund_request request, callback done) {
  const auto& of = request.authorization;
  const auto& id = of.capture_id.empty() ? of.transaction_id : of.capture_id;
  const auto amount = paypal_api::amount_of(request.amount);
  if (id.empty() || !amount) {
    return done(paypal_answer(gateway_status::declined, "",
                              amount ? "charge_not_found" : "invalid_amount",
                              "PayPal cannot make this refund."));
  }
  send("POST", paypal_path(paypal_captures_path, id, "/refund"),
       json::write(paypal_api::new_purchase_unit{of.key, request.order_id, *amount}), request.key,
       [report = tracked(std::move(done))](const reply& r) {
         if (const auto made = read_object<paypal_api::payment>(r)) {
           return report(outcome_of(*made, made->id, "refund_declined"));
         }
         report(r.kind == paypal_api::reply_kind::rejected ? declined_by(r, "", "refund_declined")
                                                           : paypal_unknown());
       });
}

void paypal::look_up(payment::lookup_request request, callback done) {
  const auto id = request.transaction_id;
  if (id.empty()) return done(paypal_unknown());
  const auto report = tracked(std::move(done));
  if (request.operation == open_effect::Authorize) {
    return fetch(id, [this, id, key = request.key, report](const std::optional<order>& o) {
      o ? settle(*o, key, report) : report(paypal_unknown(id));
    });
  }
  const bool is_refund = request.operation == open_effect::Refund;
  send("GET", paypal_path(is_refund ? paypal_refunds_path : paypal_captures_path, id), "", "",
       [id, is_refund, report](const reply& r) {
         const auto made = read_object<paypal_api::payment>(r);
         report(made ? outcome_of(*made, id, is_refund ? "refund_declined" : "capture_declined")
                     : paypal_unknown(id));
       });
}

}  // namespace stoa::gateways
