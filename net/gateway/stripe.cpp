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

gateway_answer unknown_answer(std::string id = {}) {
  return {gateway_status::unknown, std::move(id), "", "Stripe has not answered.", {}};
}

std::optional<stripe_api::payment_intent> read_intent(const stripe_api::reply& r) {
  auto found = read<stripe_api::payment_intent>(r);
  if (found && found->id.empty()) found.reset();
  return found;
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
  const payment::void_request intended{
      {request.key, ""}, request.order_id, request.amount, request.capture};
  create(intended,
         [this, r = std::move(request), done = tracked(std::move(done))](const reply& created) {
           if (created.kind == reply_kind::rejected) {
             return done(answer_with(gateway_status::declined, "",
                                     stripe_api::stable_code(created.error, "invalid_request")));
           }
           const auto made = read_intent(created);
           if (!made) return done(unknown_answer());
           confirm(r, made->id, done);
         });
}

void stripe::confirm(const payment::authorize_request& r, const std::string& id,
                     const callback& done) {
  stripe_api::form fields{{"payment_method", r.token}};
  if (!options_.return_url.empty()) fields.emplace_back("return_url", options_.return_url);
  // An intent is confirmed, and captured, once at most: a further request is rejected.
  post(intent_path(id, "/confirm"), fields, r.key + ":confirm",
       [this, id, done](const reply& confirmed) {
         if (const auto i = read_intent(confirmed)) return settle(*i, done);
         if (confirmed.kind == reply_kind::rejected && !is_state_error(confirmed)) {
           return decline(id, stripe_api::stable_code(confirmed.error, "invalid_request"), done);
         }
         if (confirmed.kind != reply_kind::rejected && !has_failed_at_server(confirmed)) {
           return done(unknown_answer(id));
         }
         fetch(id, [this, id, done](const std::optional<intent>& i) {
           i ? settle(*i, done) : done(unknown_answer(id));
         });
       });
}

void stripe::settle(const intent& i, const callback& done) {
  if (i.status == "succeeded" || i.status == "requires_capture") {
    return done(answer_with(gateway_status::approved, i.id));
  }
  if (i.status == "canceled") {
    return done(answer_with(gateway_status::declined, i.id, code_of(i, "canceled")));
  }
  if (i.status == "requires_payment_method" && i.last_payment_error) {
    return decline(i.id, code_of(i, "card_declined"), done);
  }
  if (i.status == "processing") return done(answer_with(gateway_status::accepted, i.id));
  if (i.status != "requires_action") return done(unknown_answer(i.id));
  const auto action = i.next_action.value_or(stripe_api::intent_action{});
  const auto url = action.redirect_to_url.value_or(stripe_api::redirect{}).url.value_or("");
  if (url.empty()) return done(answer_with(gateway_status::accepted, i.id));
  done({gateway_status::action_required, i.id, "action_required",
        "The customer must confirm the payment.", url});
}

void stripe::fetch(const std::string& id, then_intent next) {
  send("GET", intent_path(id), {}, "",
       [next = std::move(next)](const reply& r) { next(read_intent(r)); });
}

/// Without an idempotency key: a repeat must not return the result of a state that has changed.
void stripe::cancel(const std::string& id, then_intent next) {
  send("POST", intent_path(id, "/cancel"), {{"cancellation_reason", "abandoned"}}, "",
       [this, id, next = std::move(next)](const reply& r) {
         if (auto i = read_intent(r)) return next(std::move(i));
         if (r.kind != reply_kind::rejected) return next(std::nullopt);
         fetch(id, next);
       });
}

void stripe::decline(const std::string& id, std::string code, const callback& done) {
  cancel(id, [this, id, code = std::move(code), done](const std::optional<intent>& i) {
    if (!i || i->status == "requires_payment_method") return done(unknown_answer(id));
    if (i->status != "canceled") return settle(*i, done);
    done(answer_with(gateway_status::declined, id, code));
  });
}

void stripe::void_authorization(payment::void_request request, callback done) {
  const auto report = tracked(std::move(done));
  const auto cancel_it = [this, report](const std::string& id) {
    cancel(id, [report, id](const std::optional<intent>& i) {
      if (i && i->status == "canceled") {
        return report(answer_with(gateway_status::declined, id, "canceled"));
      }
      if (i && i->status == "succeeded") return report(answer_with(gateway_status::approved, id));
      report(unknown_answer(id));
    });
  };
  if (!request.authorization.transaction_id.empty()) {
    return cancel_it(request.authorization.transaction_id);
  }
  create(request, [report, cancel_it](const reply& created) {
    if (created.kind == reply_kind::rejected) {  // No request with these fields can succeed.
      return report(answer_with(gateway_status::declined, "", "canceled"));
    }
    const auto made = read_intent(created);
    made ? cancel_it(made->id) : report(unknown_answer());
  });
}

// --- capture, refunds, lookups
// -------------------------------------------------------------------

void stripe::capture(payment::capture_request request, callback done) {
  const auto id = request.authorization.transaction_id;
  if (id.empty()) {
    return done(answer_with(gateway_status::declined, "", "charge_not_found"));
  }
  post(intent_path(id, "/capture"), {{"amount_to_capture", std::to_string(request.amount.amount)}},
       request.key, [this, id, report = tracked(std::move(done))](const reply& r) {
         const auto i = read_intent(r);
         if (i && i->status == "succeeded") {
           return report(answer_with(gateway_status::approved, id));
         }
         if (r.kind == reply_kind::uncertain && r.status == 0) return report(unknown_answer(id));
         const auto code = r.kind == reply_kind::rejected
                               ? stripe_api::stable_code(r.error, "capture_declined")
                               : std::string();
         settle_captured(id, code, report);
       });
}

/// `code`: why the capture was rejected; empty if it is not known to be.
void stripe::settle_captured(const std::string& id, const std::string& code, const callback& done) {
  fetch(id, [id, code, done](const std::optional<intent>& i) {
    if (i && i->status == "succeeded") return done(answer_with(gateway_status::approved, id));
    if (i && i->status == "canceled") {
      return done(answer_with(gateway_status::declined, id, "canceled"));
    }
    if (i && i->status == "processing") return done(answer_with(gateway_status::accepted, id));
    if (!i || code.empty()) return done(unknown_answer(id));
    done(answer_with(gateway_status::declined, id, code));
  });
}

void stripe::refund(payment::refund_request request, callback done) {
  if (request.authorization.transaction_id.empty()) {
    return done(answer_with(gateway_status::declined, "", "charge_not_found"));
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
    if (!all) return next({});
    for (const auto& made : all->data) {
      const auto metadata = made.metadata.value_or(stripe_api::metadata_map{});
      const auto key = metadata.find(request_key);
      if (key != metadata.end() && key->second == r.key) return next({true, made});
    }
    if (!all->has_more.value_or(false) || all->data.empty()) return next({true});
    if (pages == refund_pages_max) return next({});
    find_refund(r, next, all->data.back().id, pages + 1);
  });
}

/// Stripe keeps idempotency keys for a day. A repeat after that, for example from a restored
/// database, finds the refund by the key in its metadata; so does the request under the next key.
void stripe::refund_unless_found(const payment::refund_request& r, const callback& done,
                                 int number) {
  if (fault("refund_without_search")) return request_refund(r, done, number);
  find_refund(r, [this, r, done, number](const refund_search& search) {
    if (!search.known) return done(unknown_answer());
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
         const auto made = read<stripe_api::refund>(requested);
         done(made && !made->id.empty() ? answer_of(*made) : unknown_answer());
       });
}

void stripe::look_up(payment::lookup_request request, callback done) {
  const auto id = request.transaction_id;
  if (id.empty()) return done(unknown_answer());
  const auto report = tracked(std::move(done));
  if (id.starts_with("pi_")) {
    return fetch(id, [this, id, report](const std::optional<intent>& i) {
      i ? settle(*i, report) : report(unknown_answer(id));
    });
  }
  send("GET", refunds_path + "/" + stripe_api::encode(id), {}, "", [id, report](const reply& r) {
    const auto made = read<stripe_api::refund>(r);
    report(made ? answer_of(*made) : unknown_answer(id));
  });
}

}  // namespace stoa::gateways
