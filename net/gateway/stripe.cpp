#include "net/gateway/stripe.hpp"

#include "net/gateway/sandbox_tokens.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>
#include <utility>

namespace stoa::gateways {

namespace {

using payment::gateway_answer;
using payment::gateway_status;
using stripe_api::read;
using stripe_api::reply_kind;
using stripe_api::request_key;

const std::string intents_path = "/v1/payment_intents";
const std::string refunds_path = "/v1/refunds";
/// Keys of one creation, each used after the one before replays an error of the server.
constexpr int keys_max = 5;
/// Pages of a payment's refunds, which the service limits to fewer.
constexpr int refund_pages_max = 10;

std::string intent_path(const std::string& id, std::string_view action = {}) {
  return intents_path + "/" + stripe_api::encode(id) + std::string(action);
}

outbound::client_config client_config_of(const stripe_options& o) {
  outbound::client_config c;
  c.name = "stripe";
  // The operator chooses the server; it may be in a private network.
  c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
  c.in_flight_max = o.in_flight_max;
  c.in_flight_per_host_max = o.in_flight_max;
  c.metrics = o.metrics;
  return c;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

gateway_answer answer_with(gateway_status status, std::string id, std::string code = {}) {
  std::string detail = code.empty() ? std::string() : std::string(detail_of(code));
  return {status, std::move(id), std::move(code), std::move(detail), {}};
}

/// States what Stripe keeps for the intent's customer.
gateway_answer kept(const stripe_api::payment_intent& i, gateway_answer a) {
  a.customer_id = i.customer;
  a.vaulted = stripe_api::vaulted_of(i);
  return a;
}

/// The state of the object does not decide the request.
gateway_answer undecided(std::string id, const std::string& status) {
  return {gateway_status::unknown,
          std::move(id),
          "",
          "The status at Stripe is " + (status.empty() ? std::string("missing") : status) + ".",
          {}};
}

/// What is expected of the intent `id`; empty: of a new one.
expected_answer expected_of(const payment::authorization_reference& a, const money& amount,
                            std::string id) {
  return {a.key, amount, std::move(id)};
}

expected_answer expected_refund(const payment::refund_request& r) {
  return {r.authorization.key, r.amount, "", r.authorization.transaction_id};
}

/// Why the intent was not paid.
std::string code_of(const stripe_api::payment_intent& i, std::string_view fallback) {
  return i.last_payment_error ? stripe_api::stable_code(*i.last_payment_error, fallback)
                              : std::string(fallback);
}

gateway_answer answer_of(const stripe_api::refund& r) {
  const auto status = r.status.value_or("");
  if (status == "succeeded") return answer_with(gateway_status::approved, r.id);
  if (status == "failed" || status == "canceled") {
    return answer_with(gateway_status::declined, r.id, "refund_declined");
  }
  return answer_with(gateway_status::accepted, r.id);  // pending, requires_action
}

/// A response from the server that does not tell whether the request was executed. Stripe also
/// returns it for repeats, so the object itself must be fetched.
bool has_failed_at_server(const stripe_api::reply& r) {
  return r.kind == reply_kind::uncertain && r.status != 0;
}

/// The stored response of the key: the request was executed, or it never will be under this key.
bool is_replayed_error(const stripe_api::reply& r) {
  return r.replayed && has_failed_at_server(r);
}

bool is_state_error(const stripe_api::reply& r) {
  return r.error.code == "payment_intent_unexpected_state";
}

}  // namespace

stripe::stripe(stripe_options options)
    : options_(std::move(options)), client_(client_config_of(options_)) {}

stripe::~stripe() {
  stop();
}

void stripe::stop() {
  stopped_ = true;
  open_.wait();
}

stripe::callback stripe::tracked(callback done) {
  return open_.counted(std::move(done));
}

void stripe::send(std::string method, const std::string& path, const stripe_api::form& fields,
                  const std::string& key, then next) {
  if (stopped_) return next({});
  outbound::request r;
  r.method = std::move(method);
  r.url = options_.base_url + path;
  r.headers = {{"Authorization", "Bearer " + options_.api_key},
               {"Stripe-Version", std::string(stripe_api::version)},
               {"Accept", "application/json"}};
  if (r.method == "POST") {
    r.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    if (!key.empty()) r.headers.emplace_back("Idempotency-Key", key);
    r.body = stripe_api::encode(fields);
  }
  r.timeout = options_.timeout;
  client_.submit(std::move(r), [next = std::move(next)](outbound::completion c) {
    next(stripe_api::reply_of(std::move(c)));
  });
}

// --- authorisation
// -------------------------------------------------------------------------------

/// Stripe replays an error of its server for the key: the key is settled then for every caller, and
/// the next one is used, which is the same for every caller. An error that is not a replay leaves
/// the key open: a repeat may succeed. Only for requests that are harmless if an earlier one was
/// executed after all.
void stripe::post(const std::string& path, const stripe_api::form& fields, const std::string& key,
                  then next, int number) {
  const auto numbered = number == 1 ? key : key + "#" + std::to_string(number);
  send("POST", path, fields, numbered,
       [this, path, fields, key, number, next = std::move(next)](reply r) {
         if (is_replayed_error(r) && number < keys_max) {
           return post(path, fields, key, next, number + 1);
         }
         next(std::move(r));
       });
}

/// The request depends only on what both an authorisation and its void have. An intent that a
/// failed request may have left has no card, and no caller knows it: it is never charged.
void stripe::create(const payment::void_request& r, then next) {
  post(intents_path,
       {{"amount", std::to_string(r.amount.amount)},
        {"currency", lower(r.amount.currency)},
        {"capture_method", r.capture ? "automatic" : "manual"},
        {"payment_method_types[]", "card"},
        {"metadata[payment_id]", r.authorization.key},
        {"metadata[order_id]", r.order_id}},
       r.authorization.key, std::move(next));
}

void stripe::authorize(payment::authorize_request request, callback done) {
  if (stripe_api::has_other_unit(request.amount.currency)) {
    return done(answer_with(gateway_status::declined, "", "currency_not_supported"));
  }
  const payment::void_request intended{
      {request.key, ""}, request.order_id, request.amount, request.capture};
  create(intended,
         [this, r = std::move(request), done = tracked(std::move(done))](const reply& created) {
           if (created.kind == reply_kind::rejected) {
             return done(answer_with(gateway_status::declined, "",
                                     stripe_api::stable_code(created.error, "invalid_request")));
           }
           const auto made = stripe_api::intent_of(created, {r.key, r.amount});
           if (!made) return done(unknown_without(made));
           const expected_answer of{r.key, r.amount, made->id};
           r.customer ? choose_customer(r, of, done) : confirm(r, of, done);
         });
}

void stripe::confirm(const payment::authorize_request& r, const expected_answer& of,
                     const callback& done) {
  stripe_api::form fields{{"payment_method", r.token}};
  if (!options_.return_url.empty()) fields.emplace_back("return_url", options_.return_url);
  if (!of.customer_id.empty()) fields.emplace_back(stripe_api::expand_method, "payment_method");
  // All other members were accepted with the creation: a kept method that is rejected is detached.
  const auto* rejection = r.customer && !r.saves ? "invalid_token" : "invalid_request";
  // An intent is confirmed, and captured, once at most: a further request is rejected.
  post(intent_path(of.id, "/confirm"), fields, r.key + ":confirm",
       [this, of, rejection, done](const reply& confirmed) {
         const auto i = stripe_api::intent_of(confirmed, of);
         if (i) return settle(*i, of, done);
         if (confirmed.kind == reply_kind::rejected && !is_state_error(confirmed)) {
           return decline(of, stripe_api::stable_code(confirmed.error, rejection), done);
         }
         const bool may_be_executed = confirmed.kind == reply_kind::accepted ||
                                      confirmed.kind == reply_kind::rejected ||
                                      has_failed_at_server(confirmed);
         if (!may_be_executed) return done(unknown_without(i, of.id));
         fetch(of, [this, of, done](const fetched& now) {
           now ? settle(*now, of, done) : done(unknown_without(now, of.id));
         });
       });
}

void stripe::settle(const intent& i, const expected_answer& of, const callback& done) {
  if (i.status == "succeeded" || i.status == "requires_capture") {
    return done(kept(i, approved_with(i.id, stripe_api::captured_of(i), of)));
  }
  if (i.status == "canceled") {
    return done(answer_with(gateway_status::declined, i.id, code_of(i, "canceled")));
  }
  if (i.status == "requires_payment_method" && i.last_payment_error) {
    return decline(of, code_of(i, "card_declined"), done);
  }
  if (i.status == "processing") return done(answer_with(gateway_status::accepted, i.id));
  if (i.status != "requires_action") return done(undecided(i.id, i.status));
  const auto action = i.next_action.value_or(stripe_api::intent_action{});
  const auto url = action.redirect_to_url.value_or(stripe_api::redirect{}).url.value_or("");
  if (url.empty()) return done(answer_with(gateway_status::accepted, i.id));
  done({gateway_status::action_required, i.id, "action_required",
        "The customer must confirm the payment.", url});
}

void stripe::fetch(const expected_answer& of, then_intent next) {
  const auto query = of.customer_id.empty() ? "" : "?expand%5B%5D=payment_method";
  send("GET", intent_path(of.id, query), {}, "",
       [of, next = std::move(next)](const reply& r) { next(stripe_api::intent_of(r, of)); });
}

/// Without an idempotency key: a repeat must not return the result of a state that has changed.
void stripe::cancel(const expected_answer& of, then_intent next) {
  send("POST", intent_path(of.id, "/cancel"), {{"cancellation_reason", "abandoned"}}, "",
       [this, of, next = std::move(next)](const reply& r) {
         auto i = stripe_api::intent_of(r, of);
         if (i || r.kind == reply_kind::uncertain) return next(std::move(i));
         fetch(of, next);
       });
}

void stripe::decline(const expected_answer& of, std::string code, const callback& done) {
  cancel(of, [this, of, code = std::move(code), done](const fetched& i) {
    if (!i) return done(unknown_without(i, of.id));
    if (i->status == "requires_payment_method") return done(undecided(of.id, i->status));
    if (i->status != "canceled") return settle(*i, of, done);
    done(answer_with(gateway_status::declined, of.id, code));
  });
}

void stripe::void_authorization(payment::void_request request, callback done) {
  const auto report = tracked(std::move(done));
  const auto cancel_it = [this, report](const expected_answer& of) {
    cancel(of, [report, of](const fetched& i) {
      if (!i) return report(unknown_without(i, of.id));
      if (i->status == "canceled") {
        return report(kept(*i, answer_with(gateway_status::declined, of.id, "canceled")));
      }
      report(i->status == "succeeded"
                 ? kept(*i, approved_with(of.id, stripe_api::captured_of(*i), of))
                 : undecided(of.id, i->status));
    });
  };
  auto of =
      expected_of(request.authorization, request.amount, request.authorization.transaction_id);
  if (!of.id.empty()) return cancel_it(of);
  create(request, [report, cancel_it, of](const reply& created) {
    if (created.kind == reply_kind::rejected) {  // No request with these fields can succeed.
      return report(answer_with(gateway_status::declined, "", "canceled"));
    }
    const auto made = stripe_api::intent_of(created, of);
    if (!made) return report(unknown_without(made));
    cancel_it({of.payment_id, of.amount, made->id});
  });
}

// --- capture, refunds, lookups
// -------------------------------------------------------------------

void stripe::capture(payment::capture_request request, callback done) {
  const auto of =
      expected_of(request.authorization, request.amount, request.authorization.transaction_id);
  if (of.id.empty()) return done(answer_with(gateway_status::declined, "", charge_not_found));
  post(intent_path(of.id, "/capture"),
       {{"amount_to_capture", std::to_string(request.amount.amount)}}, request.key,
       [this, of, report = tracked(std::move(done))](const reply& r) {
         const auto i = stripe_api::intent_of(r, of);
         if (i && i->status == "succeeded") {
           return report(approved_with(of.id, stripe_api::captured_of(*i), of));
         }
         if (r.kind == reply_kind::uncertain && r.status == 0) {
           return report(unknown_without(i, of.id));
         }
         const auto code = r.kind == reply_kind::rejected
                               ? stripe_api::stable_code(r.error, "capture_declined")
                               : std::string();
         settle_captured(of, code, report);
       });
}

/// `code`: why the capture was rejected; empty if it is not known to be.
void stripe::settle_captured(const expected_answer& of, const std::string& code,
                             const callback& done) {
  fetch(of, [of, code, done](const fetched& i) {
    if (!i) return done(unknown_without(i, of.id));
    if (i->status == "succeeded") {
      return done(approved_with(of.id, stripe_api::captured_of(*i), of));
    }
    if (i->status == "canceled") {
      return done(answer_with(gateway_status::declined, of.id, "canceled"));
    }
    if (i->status == "processing") return done(answer_with(gateway_status::accepted, of.id));
    if (code.empty()) return done(undecided(of.id, i->status));
    done(answer_with(gateway_status::declined, of.id, code));
  });
}

void stripe::refund(payment::refund_request request, callback done) {
  if (request.authorization.transaction_id.empty()) {
    return done(answer_with(gateway_status::declined, "", charge_not_found));
  }
  refund_unless_found(request, tracked(std::move(done)));
}

/// Searches the refunds of the payment for the key of the request in their metadata.
void stripe::find_refund(const payment::refund_request& r, then_search next,
                         const std::string& after, int pages) {
  auto path = refunds_path +
              "?limit=100&payment_intent=" + stripe_api::encode(r.authorization.transaction_id);
  if (!after.empty()) path += "&starting_after=" + stripe_api::encode(after);
  send("GET", path, {}, "", [this, r, pages, next = std::move(next)](const reply& listed) {
    const auto all = read<stripe_api::refund_list>(listed);
    if (!all) return next({false, {std::nullopt, "", stripe_api::why_nothing_in(listed)}});
    for (const auto& made : all->data) {
      const auto metadata = made.metadata.value_or(stripe_api::metadata_map{});
      const auto key = metadata.find(request_key);
      if (key == metadata.end() || key->second != r.key) continue;
      auto found = stripe_api::checked(made, expected_refund(r));
      const bool is_it = static_cast<bool>(found);
      return next({is_it, std::move(found)});
    }
    if (!all->has_more.value_or(false) || all->data.empty()) return next({true});
    if (pages == refund_pages_max) {
      return next({false, {std::nullopt, "", "The payment has too many refunds at Stripe."}});
    }
    find_refund(r, next, all->data.back().id, pages + 1);
  });
}

/// Stripe keeps idempotency keys for a day. A repeat after that, for example from a restored
/// database, finds the refund by the key in its metadata; so does the request under the next key.
void stripe::refund_unless_found(const payment::refund_request& r, const callback& done,
                                 int number) {
  if (fault("refund_without_search")) return request_refund(r, done, number);
  find_refund(r, [this, r, done, number](const refund_search& search) {
    if (!search.known) return done(unknown_without(search.found));
    if (search.found) return done(answer_of(*search.found));
    request_refund(r, done, number);
  });
}

/// Stripe replays an error of its server for the key, whether the refund was made or not: if it was
/// not, the next key is used, which is the same for every caller. It is not that of a retry by
/// staff, which ends with "#2".
void stripe::request_refund(const payment::refund_request& r, const callback& done, int number) {
  send("POST", refunds_path,
       {{"payment_intent", r.authorization.transaction_id},
        {"amount", std::to_string(r.amount.amount)},
        {"metadata[payment_id]", r.authorization.key},
        {"metadata[order_id]", r.order_id},
        {"metadata[" + request_key + "]", r.key}},
       number == 1 ? r.key : r.key + ":" + std::to_string(number),
       [this, r, done, number](const reply& requested) {
         if (requested.kind == reply_kind::rejected) {
           return done(answer_with(gateway_status::declined, "",
                                   stripe_api::stable_code(requested.error, "refund_declined")));
         }
         if (is_replayed_error(requested) && number < keys_max) {
           return refund_unless_found(r, done, number + 1);
         }
         const auto made = stripe_api::refund_of(requested, expected_refund(r));
         done(made ? answer_of(*made) : unknown_without(made));
       });
}

void stripe::look_up(payment::lookup_request request, callback done) {
  const expected_answer of{
      request.payment_id, request.amount, request.transaction_id, "", request.customer_id, ""};
  const auto& id = of.id;
  if (id.empty()) {
    return done({gateway_status::unknown, "", "", "The request has no reference at Stripe.", {}});
  }
  const auto report = tracked(std::move(done));
  if (id.starts_with("pi_")) {
    return fetch(of, [this, of, report](const fetched& i) {
      i ? settle(*i, of, report) : report(unknown_without(i, of.id));
    });
  }
  send("GET", refunds_path + "/" + stripe_api::encode(id), {}, "", [of, report](const reply& r) {
    const auto made = stripe_api::refund_of(r, of);
    report(made ? answer_of(*made) : unknown_without(made, of.id));
  });
}

}  // namespace stoa::gateways
