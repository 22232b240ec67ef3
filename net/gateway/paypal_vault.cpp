// Accounts that PayPal keeps for the store's users (Payment Method Tokens API v3,
// https://developer.paypal.com/docs/api/payment-tokens/v3/).
//
// A payment with a saved account creates an order without a source of payment, which moves no
// money, and then captures or authorises it with the token, each under the payment's key. So a void
// whose authorisation was not answered can repeat the creation, and finds the order.

#include "net/gateway/paypal.hpp"
#include "net/gateway/paypal_outcomes.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <utility>

namespace stoa::gateways {

namespace {

using payment::gateway_answer;
using payment::gateway_status;
using paypal_api::payment_token;

constexpr int removed_status = 204;
constexpr int missing_status = 404;
/// Pages of a customer's tokens that are removed in one request of the service, which repeats it.
constexpr int token_pages_max = 10;
const std::string paypal_tokens_path = "/v3/vault/payment-tokens";

/// Pays nothing before it is finished with a token.
std::string order_without_source(const std::string& key, const std::string& order, bool captures,
                                 const paypal_api::amount& amount) {
  paypal_api::new_order o;
  o.intent = captures ? "CAPTURE" : "AUTHORIZE";
  o.purchase_units = {{key, order, amount}};
  return json::write(o);
}

gateway_answer not_saved() {
  return paypal_answer(gateway_status::declined, "", "invalid_token",
                       "PayPal does not keep the account.");
}

gateway_answer unknown_reply(const paypal_api::reply& r) {
  return paypal_answer(gateway_status::unknown, "", "",
                       "PayPal has answered with the status " + std::to_string(r.status) + ".");
}

gateway_answer not_saved_yet(const paypal_api::order& o) {
  auto a = paypal_answer(gateway_status::unknown, "", "", "PayPal has not saved the account yet.");
  if (const auto* v = o.vault(); v != nullptr && v->customer) a.customer_id = v->customer->id;
  return a;
}

/// The answer to a creation of which nothing is known.
gateway_answer unmade(const paypal_api::reply& r, const returned<paypal_api::order>& made) {
  return r.kind == paypal_api::reply_kind::rejected ? declined_by(r, "", "invalid_request")
                                                    : unknown_without(made);
}

}  // namespace

// --- payments with a saved account ---------------------------------------------------------------

void paypal::pay_with_saved(const payment::authorize_request& r, const callback& done) {
  const auto amount = paypal_api::amount_of(r.amount).value_or(paypal_api::amount{});
  send("POST", paypal_orders_path, order_without_source(r.key, r.order_id, r.capture, amount),
       r.key, [this, r, done](const reply& answer) {
         const expected_answer of{r.key, r.amount};
         const auto made = paypal_api::order_of(answer, of);
         if (!made) return done(unmade(answer, made));
         finish_with_saved(*made, {r.key, r.amount, made->id}, r.token, done);
       });
}

/// Unless PayPal has clearly rejected the request, it may have been executed: the order's state
/// decides then. An order that is not finished is asked for again with the token.
void paypal::finish_with_saved(const order& o, const expected_answer& of, const std::string& token,
                               const callback& done) {
  if (o.status == "COMPLETED") return done(outcome_of(o, of));
  const std::string action = o.captures() ? "capture" : "authorize";
  paypal_api::payment_by_saved body;
  body.payment_source.paypal.vault_id = token;
  send("POST", paypal_path(paypal_orders_path + "/", o.id, "/" + action), json::write(body),
       of.payment_id + ":" + action, [this, of, done](const reply& r) {
         const auto finished = paypal_api::order_of(r, of);
         if (finished && is_waiting(*finished)) {
           return done(paypal_answer(gateway_status::declined, of.id, "approval_required",
                                     "PayPal: " + finished->status));
         }
         if (finished) return done(outcome_of(*finished, of));
         if (r.status == 0) return done(unknown_without(finished, of.id));
         const bool is_rejected =
             r.kind == paypal_api::reply_kind::rejected && !r.issue.starts_with("ORDER_ALREADY_");
         if (is_rejected) return done(declined_by(r, of.id, "instrument_declined"));
         fetch(of, [of, done](const fetched& now) {
           if (!now) return done(unknown_without(now, of.id));
           done(now->status == "COMPLETED" ? outcome_of(*now, of)
                                           : paypal_undecided(of.id, now->status));
         });
       });
}

/// The answer that named the order was lost: the repeated creation names it.
void paypal::void_unnamed(const payment::void_request& r, const callback& done) {
  const auto& key = r.authorization.key;
  const auto amount = paypal_api::amount_of(r.amount);
  if (!amount) return done(paypal_canceled(""));
  send("POST", paypal_orders_path, order_without_source(key, r.order_id, r.capture, *amount), key,
       [this, of = expected_answer{key, r.amount}, done](const reply& answer) {
         const auto made = paypal_api::order_of(answer, of);
         if (made) return void_order({of.payment_id, of.amount, made->id}, done);
         done(answer.kind == paypal_api::reply_kind::rejected ? paypal_canceled("")
                                                              : unknown_without(made));
       });
}

// --- saved accounts ------------------------------------------------------------------------------

/// Only finds what a payment has saved: PayPal has no other tokens that the store could attach.
void paypal::save_method(payment::save_method_request request, callback done) {
  const auto report = tracked(std::move(done));
  const auto id = order_of_pending(request.token);
  if (id.empty()) return find_token(request.token, report);
  send("GET", paypal_path(paypal_orders_path + "/", id), "", "",
       [this, id, report](const reply& r) {
         const auto o = paypal_api::order_of(r, id);
         if (!o && o.code != charge_not_found) return report(unknown_without(o));
         if (!o || o->vault() == nullptr) return report(not_saved());
         const auto token = o->vault()->id.value_or("");
         token.empty() ? report(not_saved_yet(*o)) : find_token(token, report);
       });
}

void paypal::find_token(const std::string& token, const callback& done) {
  send("GET", paypal_path(paypal_tokens_path + "/", token), "", "", [token, done](const reply& r) {
    const auto found = paypal_api::token_of(r, token);
    if (!found) return done(found.code == charge_not_found ? not_saved() : unknown_reply(r));
    if (!found->customer || !found->customer->id) return done(unknown_reply(r));
    gateway_answer a{gateway_status::approved};
    a.customer_id = found->customer->id;
    a.vaulted = vaulted_of(*found);
    done(std::move(a));
  });
}

void paypal::remove_method(payment::remove_method_request request, callback done) {
  const auto report = tracked(std::move(done));
  const auto id = order_of_pending(request.token);
  if (id.empty()) return remove_token(request.token, report);
  send("GET", paypal_path(paypal_orders_path + "/", id), "", "",
       [this, id, report](const reply& r) {
         const auto o = paypal_api::order_of(r, id);
         if (!o && o.code != charge_not_found) return report(unknown_without(o));
         if (!o || o->vault() == nullptr) return report({gateway_status::approved});
         const auto token = o->vault()->id.value_or("");
         token.empty() ? report(not_saved_yet(*o)) : remove_token(token, report);
       });
}

/// PayPal has no request ids for DELETE: a token is deleted once.
void paypal::remove_token(const std::string& token, const callback& done) {
  send("DELETE", paypal_path(paypal_tokens_path + "/", token), "", "", [done](const reply& r) {
    const bool is_missing =
        r.kind == paypal_api::reply_kind::rejected && r.status == missing_status;
    const bool is_gone = r.status == removed_status || is_missing;
    done(is_gone ? gateway_answer{gateway_status::approved} : unknown_reply(r));
  });
}

/// PayPal deletes no customers: their tokens are deleted. One without an id has none.
void paypal::remove_customer(payment::customer_reference customer, callback done) {
  if (customer.customer_id.empty()) return done({gateway_status::approved});
  remove_tokens(customer.customer_id, token_pages_max, tracked(std::move(done)));
}

void paypal::remove_tokens(const std::string& customer, int pages, const callback& done) {
  const auto path = paypal_tokens_path + "?customer_id=" + http::percent_encode(customer);
  send("GET", path, "", "", [this, customer, pages, done](const reply& r) {
    if (r.kind == paypal_api::reply_kind::rejected && r.status == missing_status) {
      return done({gateway_status::approved});
    }
    const auto page = json::read_lenient<paypal_api::payment_token_page>(r.body);
    if (r.kind != paypal_api::reply_kind::accepted || !page) return done(unknown_reply(r));
    auto tokens = page->payment_tokens.value_or(std::vector<payment_token>{});
    if (tokens.empty()) return done({gateway_status::approved});
    if (pages == 0) return done(unknown_reply(r));
    remove_each(std::move(tokens), [this, customer, pages, done](const gateway_answer& a) {
      if (a.status != gateway_status::approved) return done(a);
      remove_tokens(customer, pages - 1, done);
    });
  });
}

void paypal::remove_each(std::vector<payment_token> tokens, const callback& done) {
  if (tokens.empty()) return done({gateway_status::approved});
  const auto token = tokens.back().id;
  tokens.pop_back();
  remove_token(token, [this, tokens = std::move(tokens), done](const gateway_answer& a) {
    if (a.status != gateway_status::approved) return done(a);
    remove_each(tokens, done);
  });
}

}  // namespace stoa::gateways
