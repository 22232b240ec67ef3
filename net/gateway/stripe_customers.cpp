// Customers and the payment methods that Stripe keeps for them
// (https://docs.stripe.com/payments/save-and-reuse).

#include "net/gateway/stripe.hpp"

#include <utility>

namespace stoa::gateways {

namespace {

using payment::gateway_answer;
using payment::gateway_status;
using stripe_api::read;
using stripe_api::reply_kind;

constexpr int forbidden = 403;
const std::string customers_path = "/v1/customers";
const std::string methods_path = "/v1/payment_methods";

std::string method_path(const std::string& id, std::string_view action = {}) {
  return methods_path + "/" + stripe_api::encode(id) + std::string(action);
}

gateway_answer unknown(const stripe_api::reply& r) {
  return {gateway_status::unknown, "", "", stripe_api::why_nothing_in(r)};
}

gateway_answer unknown_mismatch(std::string_view member) {
  return {gateway_status::unknown, "", gateway_mismatch,
          "Stripe's answer has another " + std::string(member) + " than the request."};
}

/// Every answer states the customer, so that it is stored before it is used again.
payment::gateway::callback of_customer(const payment::gateway::callback& done, std::string id) {
  return [done, id = std::move(id)](gateway_answer a) {
    if (!a.customer_id) a.customer_id = id;
    done(std::move(a));
  };
}

}  // namespace

// --- customers -----------------------------------------------------------------------------------

/// The key depends on the user only, so that all requests return one customer. An error of the
/// server that is replayed may leave an empty customer that nothing refers to.
void stripe::create_customer(const std::string& user, const std::string& instead_of,
                             then_customer next) {
  // Without a user the key would be that of all users.
  if (user.empty()) return next({std::nullopt, "", "The customer has no user."}, true);
  auto key = "customer:" + user;
  if (!instead_of.empty()) key += ":after:" + instead_of;
  post(customers_path, {{"metadata[" + stripe_api::user_key + "]", user}}, key,
       [user, next = std::move(next)](const reply& r) {
         auto made = read<stripe_api::customer>(r);
         // A key without the permission makes payments that save nothing.
         const bool rejected = r.kind == reply_kind::rejected || r.status == forbidden;
         if (!made || made->id.empty()) {
           return next({std::nullopt, "", stripe_api::why_nothing_in(r)}, rejected);
         }
         const auto all = made->metadata.value_or(stripe_api::metadata_map{});
         const auto found = all.find(stripe_api::user_key);
         if (found != all.end() && found->second != user) {
           return next({std::nullopt, gateway_mismatch, "Stripe's customer is another user's."},
                       false);
         }
         next({std::move(made)}, false);
       });
}

/// A payment is not declined because its card cannot be saved.
void stripe::choose_customer(const payment::authorize_request& r, const expected_answer& of,
                             const callback& done) {
  auto chosen = of;
  chosen.customer_id = r.customer->customer_id;
  if (!chosen.customer_id.empty()) return assign_customer(r, std::move(chosen), done);
  create_customer(r.customer->user_id, "",
                  [this, r, of = std::move(chosen), done](const returned<stripe_api::customer>& c,
                                                          bool rejected) mutable {
                    if (rejected) return confirm(r, of, done);
                    if (!c) return done(unknown_without(c, of.id));
                    of.customer_id = c->id;
                    assign_customer(r, of, of_customer(done, c->id));
                  });
}

/// An intent that is cancelled or confirmed already rejects this: the confirmation, which is a
/// repeat then, finds its state.
void stripe::assign_customer(const payment::authorize_request& r, expected_answer of,
                             const callback& done) {
  stripe_api::form fields{{"customer", of.customer_id}};
  if (r.saves) fields.emplace_back("setup_future_usage", "on_session");
  if (!r.saves) of.token = r.token;
  post("/v1/payment_intents/" + stripe_api::encode(of.id), fields,
       r.key + ":customer:" + of.customer_id, [this, r, of, done](const reply& assigned) {
         const auto i = stripe_api::intent_of(assigned, {r.key, r.amount, of.id});
         const bool is_gone = stripe_api::is_missing(assigned, "customer");
         if (is_gone && r.saves && r.customer->customer_id == of.customer_id) {
           return replace_customer(r, of, done);
         }
         if (i || (assigned.kind == reply_kind::rejected && !is_gone)) return confirm(r, of, done);
         if (!is_gone) return done(unknown_without(i, of.id));
         confirm(r, {of.payment_id, of.amount, of.id}, done);
       });
}

/// The customer was deleted at Stripe, with the methods that it had.
void stripe::replace_customer(const payment::authorize_request& r, const expected_answer& of,
                              const callback& done) {
  create_customer(
      r.customer->user_id, of.customer_id,
      [this, r, of = of, done](const returned<stripe_api::customer>& c, bool rejected) mutable {
        if (rejected) return confirm(r, {of.payment_id, of.amount, of.id}, done);
        if (!c) return done(unknown_without(c, of.id));
        of.customer_id = c->id;
        assign_customer(r, of, of_customer(done, c->id));
      });
}

/// Without an id the customer is created first, or returned under its key: an earlier request that
/// arrives later gets the deleted one.
void stripe::remove_customer(payment::customer_reference customer, callback done) {
  const auto report = tracked(std::move(done));
  if (!customer.customer_id.empty()) return delete_customer(customer.customer_id, report);
  create_customer(customer.user_id, "",
                  [this, report](const returned<stripe_api::customer>& c, bool) {
                    c ? delete_customer(c->id, report) : report(unknown_without(c));
                  });
}

/// Stripe has no idempotency keys for DELETE: a customer is deleted once.
void stripe::delete_customer(const std::string& id, const callback& done) {
  send("DELETE", customers_path + "/" + stripe_api::encode(id), {}, "", [id, done](const reply& r) {
    if (r.kind == reply_kind::rejected && r.error.code == "resource_missing") {
      return done({gateway_status::approved});
    }
    const auto gone = read<stripe_api::customer>(r);
    if (!gone) return done(unknown(r));
    if (gone->id != id || !gone->deleted.value_or(false)) {
      return done(unknown_mismatch("customer"));
    }
    done({gateway_status::approved});
  });
}

// --- payment methods -----------------------------------------------------------------------------

void stripe::save_method(payment::save_method_request request, callback done) {
  const auto report = tracked(std::move(done));
  if (!request.customer.customer_id.empty()) return attach(request, report);
  const auto user = request.customer.user_id;
  create_customer(user, "",
                  [this, r = std::move(request), report](const returned<stripe_api::customer>& c,
                                                         bool rejected) mutable {
                    if (rejected) {
                      return report({gateway_status::declined, "", "invalid_request"});
                    }
                    if (!c) return report(unknown_without(c));
                    r.customer.customer_id = c->id;
                    attach(r, of_customer(report, c->id));
                  });
}

/// A method that is attached to the same customer already is returned. `replaced`: the customer is
/// one that replaces one that was deleted at Stripe.
void stripe::attach(const payment::save_method_request& r, const callback& done, bool replaced) {
  const auto customer = r.customer.customer_id;
  post(method_path(r.token, "/attach"), {{"customer", customer}},
       "attach:" + r.key + ":" + customer, [this, r, done, replaced](const reply& attached) {
         if (stripe_api::is_missing(attached, "customer") && !replaced) {
           return attach_to_new(r, done);
         }
         if (attached.kind == reply_kind::rejected) {
           const auto code = stripe_api::stable_code(attached.error, "invalid_token");
           return done({gateway_status::declined, "", code});
         }
         const auto m = read<stripe_api::payment_method>(attached);
         if (!m || m->id.empty()) return done(unknown(attached));
         if (m->customer != r.customer.customer_id) return done(unknown_mismatch("customer"));
         gateway_answer a{gateway_status::approved};
         a.customer_id = m->customer;
         a.vaulted = stripe_api::vaulted_of(*m);
         done(std::move(a));
       });
}

void stripe::attach_to_new(const payment::save_method_request& r, const callback& done) {
  create_customer(
      r.customer.user_id, r.customer.customer_id,
      [this, r = r, done](const returned<stripe_api::customer>& c, bool rejected) mutable {
        if (rejected) return done({gateway_status::declined, "", "invalid_request"});
        if (!c) return done(unknown_without(c));
        r.customer.customer_id = c->id;
        attach(r, of_customer(done, c->id), true);
      });
}

/// A method that the user has named, but that another customer has, is not detached. The key
/// returns the user's customer if the answer that named it was lost.
void stripe::remove_method(payment::remove_method_request request, callback done) {
  const auto report = tracked(std::move(done));
  if (!request.customer.customer_id.empty()) return detach_if_attached(request, report);
  const auto user = request.customer.user_id;
  create_customer(user, "",
                  [this, r = std::move(request), report](const returned<stripe_api::customer>& c,
                                                         bool) mutable {
                    if (!c) return report(unknown_without(c));
                    r.customer.customer_id = c->id;
                    detach_if_attached(r, report);
                  });
}

void stripe::detach_if_attached(const payment::remove_method_request& r, const callback& done) {
  send("GET", method_path(r.token), {}, "", [this, r, done](const reply& found) {
    if (stripe_api::is_missing(found, "")) return done({gateway_status::approved});
    const auto m = read<stripe_api::payment_method>(found);
    if (!m) return done(unknown(found));
    if (m->id != r.token) return done(unknown_mismatch("payment_method"));
    if (m->customer != r.customer.customer_id) return done({gateway_status::approved});
    detach(r, done);
  });
}

/// A rejection is unknown, too: the next attempt finds whether the method is attached.
void stripe::detach(const payment::remove_method_request& r, const callback& done) {
  post(method_path(r.token, "/detach"), {}, "detach:" + r.key, [r, done](const reply& detached) {
    const auto m = read<stripe_api::payment_method>(detached);
    if (!m) return done(unknown(detached));
    const bool is_it = m->id == r.token && !m->customer;
    is_it ? done({gateway_status::approved}) : done(unknown_mismatch("customer"));
  });
}

}  // namespace stoa::gateways
