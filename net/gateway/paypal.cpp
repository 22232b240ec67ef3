#include "net/gateway/paypal.hpp"

#include "net/gateway/paypal_outcomes.hpp"
#include "storage/base/json_write.hpp"

#include <utility>

namespace stoa::gateways {

namespace {

using payment::gateway_answer;
using payment::gateway_status;
using payment::open_effect;

constexpr int no_content = 204;
constexpr int not_permitted = 403;
const std::string paypal_authorizations_path = "/v2/payments/authorizations/";
const std::string paypal_captures_path = "/v2/payments/captures/";
const std::string paypal_refunds_path = "/v2/payments/refunds/";

std::string new_order_of(const payment::authorize_request& r, const paypal_api::amount& amount,
                         const paypal_options& options) {
  paypal_api::new_order o;
  o.intent = r.capture ? "CAPTURE" : "AUTHORIZE";
  o.purchase_units = {{r.key, r.order_id, amount}};
  auto& wallet = o.payment_source.emplace().paypal;
  wallet.experience_context.return_url = options.return_url;
  wallet.experience_context.cancel_url =
      options.cancel_url.empty() ? options.return_url : options.cancel_url;
  if (r.saves && r.customer) {
    auto& of = wallet.attributes.emplace().customer;
    if (!r.customer->customer_id.empty()) of.id = r.customer->customer_id;
    of.merchant_customer_id = r.customer->user_id;
  }
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

void paypal::fetch(const expected_answer& of, then_order next) {
  send("GET", paypal_path(paypal_orders_path + "/", of.id), "", "",
       [of, next = std::move(next)](const reply& r) { next(paypal_api::order_of(r, of)); });
}

// --- authorisation
// -------------------------------------------------------------------------------

void paypal::authorize(payment::authorize_request request, callback done) {
  const auto amount = paypal_api::amount_of(request.amount);
  if (!amount) {
    return done(paypal_answer(gateway_status::declined, "", "invalid_amount",
                              "PayPal cannot express the amount in this currency."));
  }
  const auto report = tracked(std::move(done));
  if (!request.token.empty() && !request.saves) return pay_with_saved(request, report);
  auto key = request.key;
  create(std::move(request), std::move(key), report);
}

/// A payment is not declined because its account cannot be saved.
void paypal::create(payment::authorize_request r, std::string request_id, const callback& done) {
  const auto amount = paypal_api::amount_of(r.amount).value_or(paypal_api::amount{});
  send("POST", paypal_orders_path, new_order_of(r, amount, options_), std::move(request_id),
       [this, r, done](const reply& answer) mutable {
         const bool is_rejected = answer.kind == paypal_api::reply_kind::rejected;
         if (r.saves && (is_rejected || answer.status == not_permitted)) {
           r.saves = false;
           auto unsaved = r.key + ":unsaved";
           return create(std::move(r), std::move(unsaved), done);
         }
         if (is_rejected) return done(declined_by(answer, "", "invalid_request"));
         const expected_answer of{r.key, r.amount};
         const auto made = paypal_api::order_of(answer, of);
         if (!made) return done(unknown_without(made));
         settle(*made, {of.payment_id, of.amount, made->id}, done);
       });
}

/// Reports the state of the order, and finishes it once it is approved.
void paypal::settle(const order& o, const expected_answer& of, const callback& done) {
  if (o.status == "APPROVED") return finish(o, of, done);
  done(state_of(o, of));
}

/// Captures or authorises an approved order, at most once under the payment's key. Unless PayPal
/// has clearly rejected the request, it may have been executed: the order's state decides then.
void paypal::finish(const order& o, const expected_answer& of, const callback& done) {
  const std::string action = o.captures() ? "capture" : "authorize";
  send("POST", paypal_path(paypal_orders_path + "/", o.id, "/" + action), "{}",
       of.payment_id + ":" + action, [this, of, done](const reply& r) {
         const auto finished = paypal_api::order_of(r, of);
         if (finished) return done(outcome_of(*finished, of));
         if (r.status == 0) return done(unknown_without(finished, of.id));
         const bool is_open = r.issue == "ORDER_NOT_APPROVED" ||
                              r.issue == "PAYER_ACTION_REQUIRED" ||
                              r.issue.starts_with("ORDER_ALREADY_");
         if (r.kind == paypal_api::reply_kind::rejected && !is_open) {
           return done(declined_by(r, of.id, "instrument_declined"));
         }
         fetch(of, [of, done](const fetched& now) {
           done(now ? state_of(*now, of) : unknown_without(now, of.id));
         });
       });
}

void paypal::void_authorization(payment::void_request request, callback done) {
  const expected_answer of{request.authorization.key, request.amount,
                           request.authorization.transaction_id};
  if (!of.id.empty()) return void_order(of, tracked(std::move(done)));
  if (request.with_saved) return void_unnamed(request, tracked(std::move(done)));
  // Without an answer the customer has no URL, so that nothing can be approved.
  done(paypal_canceled(""));
}

void paypal::void_order(const expected_answer& of, const callback& done) {
  fetch(of, [this, of, done](const fetched& o) {
    if (o) return settle_void(*o, of, true, done);
    // PayPal deletes orders that are not approved in time.
    done(o.code == charge_not_found ? paypal_canceled(of.id) : unknown_without(o, of.id));
  });
}

void paypal::settle_void(const order& o, const expected_answer& of, bool may_finish,
                         const callback& done) {
  if (is_waiting(o) || o.status == "VOIDED") return done(paypal_canceled(o.id));
  if (o.status == "APPROVED" && may_finish) {
    return finish(o, of, [this, of, done](const gateway_answer& a) {
      if (a.status == gateway_status::declined) return done(paypal_canceled(of.id));
      fetch(of, [this, of, done](const fetched& now) {
        now ? settle_void(*now, of, false, done) : done(unknown_without(now, of.id));
      });
    });
  }
  if (o.status != "COMPLETED") return done(paypal_undecided(o.id, o.status));
  if (!o.captures()) return release(o, of, done);
  auto outcome = outcome_of(o, of);
  if (outcome.status == gateway_status::declined) outcome = paypal_canceled(o.id);
  // A capture that PayPal reviews can still succeed.
  if (outcome.status == gateway_status::accepted) outcome = paypal_undecided(o.id, "PENDING");
  done(std::move(outcome));
}

/// Voids the authorisation of the order.
void paypal::release(const order& o, const expected_answer& of, const callback& done) {
  const auto outcome = outcome_of(o, of);
  const auto* made = o.authorization();
  if (made == nullptr) return done(paypal_undecided(o.id, ""));
  if (outcome.status == gateway_status::declined) return done(released(o));
  if (is_captured(*made)) return done(already_captured(o, of));
  send("POST", paypal_path(paypal_authorizations_path, made->id, "/void"), "{}",
       of.payment_id + ":void", [this, o, of, done](const reply& r) {
         if (r.status == no_content) return done(released(o));
         if (r.status == 0) return done(unknown_without(paypal_api::order_of(r, of), of.id));
         fetch(of, [of, done](const fetched& now) {
           if (!now) return done(unknown_without(now, of.id));
           const auto* left = now->authorization();
           if (left && is_captured(*left)) return done(already_captured(*now, of));
           const auto status = left ? left->status.value_or("") : std::string();
           done(status == "VOIDED" ? released(*now) : paypal_undecided(of.id, status));
         });
       });
}

// --- capture, refunds, lookups
// -------------------------------------------------------------------

void paypal::capture(payment::capture_request request, callback done) {
  const expected_answer of{request.authorization.key, request.amount,
                           request.authorization.transaction_id};
  if (of.id.empty()) {
    return done(paypal_answer(gateway_status::declined, "", charge_not_found,
                              "PayPal has no order for this payment."));
  }
  fetch(of,
        [this, of, r = std::move(request), report = tracked(std::move(done))](const fetched& o) {
          if (!o) return report(unknown_without(o, of.id));
          const auto* made = o->authorization();
          if (!made) return report(paypal_undecided(of.id, ""));
          if (is_captured(*made) && o->capture()) {
            const auto& found = *o->capture();
            return report(capture_outcome(found, paypal_api::captured_of(*o), found.id,
                                          "capture_declined", of));
          }
          if (made->status == "VOIDED") return report(paypal_canceled(of.id));
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
       json::write(paypal_api::new_capture{*amount}), r.key,
       [of = expected_answer{r.authorization.key, r.amount}, done](const reply& answer) {
         const auto made = paypal_api::capture_of(answer, of);
         if (made) {
           return done(capture_outcome(*made, paypal_api::amount_of(*made), made->id,
                                       "capture_declined", of));
         }
         const bool is_final = answer.kind == paypal_api::reply_kind::rejected &&
                               answer.issue != "AUTHORIZATION_ALREADY_CAPTURED";
         done(is_final ? declined_by(answer, "", "capture_declined") : unknown_without(made));
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
       [expected = expected_answer{of.key, request.amount},
        report = tracked(std::move(done))](const reply& r) {
         const auto made = paypal_api::refund_of(r, expected);
         if (made) return report(outcome_of(*made, made->id, "refund_declined"));
         report(r.kind == paypal_api::reply_kind::rejected ? declined_by(r, "", "refund_declined")
                                                           : unknown_without(made));
       });
}

void paypal::look_up(payment::lookup_request request, callback done) {
  const expected_answer of{request.payment_id, request.amount, request.transaction_id};
  if (of.id.empty()) {
    return done(
        paypal_answer(gateway_status::unknown, "", "", "The request has no reference at PayPal."));
  }
  const auto report = tracked(std::move(done));
  if (request.operation == open_effect::Authorize) {
    return fetch(of, [this, of, report](const fetched& o) {
      o ? settle(*o, of, report) : report(unknown_without(o, of.id));
    });
  }
  const bool is_refund = request.operation == open_effect::Refund;
  send(
      "GET", paypal_path(is_refund ? paypal_refunds_path : paypal_captures_path, of.id), "", "",
      [of, is_refund, report](const reply& r) {
        const auto made = is_refund ? paypal_api::refund_of(r, of) : paypal_api::capture_of(r, of);
        if (!made) return report(unknown_without(made, of.id));
        if (is_refund) return report(outcome_of(*made, of.id, "refund_declined"));
        report(capture_outcome(*made, paypal_api::amount_of(*made), of.id, "capture_declined", of));
      });
}

}  // namespace stoa::gateways
