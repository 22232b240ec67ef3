#include "net/front/front.hpp"

#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/front/access_log.hpp"
#include "net/front/admission.hpp"
#include "net/front/answer_cache.hpp"
#include "net/front/answer_fields.hpp"
#include "net/front/asyncapi.hpp"
#include "net/front/capabilities.hpp"
#include "net/front/card_check.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/compression.hpp"
#include "net/front/edge_metrics.hpp"
#include "net/front/field_checks.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/openapi.hpp"
#include "net/front/own_writes.hpp"
#include "net/front/price_rules.hpp"
#include "net/front/replay_owner.hpp"
#include "net/front/revocation_follower.hpp"
#include "net/front/rule_follower.hpp"
#include "net/front/security_log.hpp"
#include "net/front/trace.hpp"
#include "net/http/problem_response.hpp"
#include "net/routes/all_routes.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <mutex>
#include <set>
#include <unordered_map>

namespace stoa::front {

namespace {

constexpr std::size_t key_bytes_max = 255;
/// A larger body is received only from an authenticated sender, and while the node has room.
constexpr std::size_t large_body_bytes = usual_body_bytes_max;
/// Parsing and validating this many bytes takes about as long as a read by key.
constexpr std::size_t body_bytes_per_cost = 16 * 1024;

bool is_visible_ascii(std::string_view t) {
  return std::all_of(t.begin(), t.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

admission_limits limits_of(const settings& s) {
  return {s.http.requests_in_flight_max, milliseconds{s.http.latency_target_ms}};
}

http::problem overloaded() {
  return {503,
          "overloaded",
          "The server is overloaded. The request was not executed. Retry "
          "later.",
          {}};
}

/// The request's cost for admission control: the cost of the route, its body and the shape of its
/// response. Stores the parsed query; a malformed one is rejected later, before it costs anything.
std::int64_t cost_of(exchange& x) {
  auto route = x.matched ? x.matched->info.cost : 1;
  if (x.matched && x.matched->shape.fields) {
    if (auto query = http::parse_query(x.request->query)) {
      x.query_pairs = std::move(*query);
      route += shape_cost(*x.query_pairs, list_cost);
    }
  }
  return route + static_cast<std::int64_t>(x.request->body.size() / body_bytes_per_cost);
}

http::problem internal_error() {
  return {500, "internal_error", "Internal server error.", {}};
}

}  // namespace

/// Idempotency-Keys of requests in progress: repeats get 409.
struct front_end::in_flight_keys {
  std::mutex mutex;
  std::unordered_map<std::string, std::string> fingerprints;
};

front_end::front_end(const front_context& context, std::size_t io_threads)
    : context_(context),
      metrics_(std::make_shared<front_metrics>(context.registry)),
      security_(std::make_unique<security_log>(context.secret->bytes, context.registry)),
      revoked_(std::make_shared<revocations>(
          static_cast<std::size_t>(context.config->auth.revocations_max))),
      admission_(std::make_unique<admission>(limits_of(*context.config))),
      edges_(std::make_unique<edge_metrics>()),
      limits_(std::make_unique<client_limits>(*context.config, *context.secret, context.shared,
                                              context.registry)),
      compression_(std::make_unique<compression>(context.config->http, context.registry)),
      answers_(std::make_unique<answer_cache>(
          static_cast<std::size_t>(context.config->http.answer_cache_bytes), context.registry)),
      writes_(own_writes::of(*context.config)),
      admin_routes_(context.config->http.admin_routes),
      keys_(std::make_unique<in_flight_keys>()) {
  context_.metrics = metrics_.get();
  context_.security = security_.get();
  context_.entrance = admission_.get();
  context_.edges = edges_.get();
  context_.limits = limits_.get();
  context_.draining = &draining_;
  context_.writes = writes_.get();
  context_.revoked = revoked_.get();
  if (context_.operation_only) {
    add_operation_routes(routes_, *this);
  } else {
    add_all_routes(routes_, *this, context_.config->http.docs);
  }
  // The last port is that of the admin listener.
  for (std::size_t i = 0; i <= io_threads; ++i) ports_.push_back(context_.node->make_port());
  if (context_.operation_only) return;
  capabilities_ = std::make_shared<capability_watch>(context_.registry);
  context_.capabilities = capabilities_.get();
  auto watch_port = context_.node->make_port();
  watch_port->post([watch = capabilities_, watch_port, node = context_.node] {
    watch->follow(watch_port, *node);
  });
  follower_ = std::make_shared<revocation_follower>(context_.node->make_port(), revoked_, metrics_);
  context_.follower = follower_.get();
  follower_->start();
  rules_ = std::make_shared<price_rules>();
  context_.rules = rules_.get();
  std::make_shared<rule_follower>(context_.node->make_port(), rules_)->start();
}
front_end::~front_end() = default;

const std::string& front_end::openapi() const {
  std::call_once(openapi_.made, [this] { openapi_.text = make_openapi(routes_); });
  return openapi_.text;
}

const std::string& front_end::asyncapi() const {
  std::call_once(asyncapi_.made,
                 [this] { asyncapi_.text = make_asyncapi(context_.config->nats.stream); });
  return asyncapi_.text;
}

http::handler front_end::handler(listener where) {
  return
      [this, where](std::shared_ptr<http::request> r, http::responder respond, std::size_t thread) {
        handle(std::move(r), std::move(respond), where, thread);
      };
}

http::body_rule front_end::body_rule(listener where) {
  return [this, where](const http::request& r, std::size_t bytes_max) {
    return body_limit(where, r, bytes_max);
  };
}

void front_end::watch(std::string name, const http::server& edge) {
  edges_->watch(std::move(name), edge);
}

/// Staff routes include those needed to log in.
bool front_end::serves(listener where, const route& r) const {
  const bool is_admin = r.path.starts_with("/admin/");
  if (where == listener::store) return !is_admin || admin_routes_ != "admin_listen";
  if (r.info.on_admin_listen) return true;
  return admin_routes_ != "listen" && (is_admin || r.path.starts_with("/store/v1/auth/"));
}

const route* front_end::find(listener where, const http::request& r) const {
  const auto* found = routes_.match(r.method, r.path).found;
  return found != nullptr && serves(where, *found) ? found : nullptr;
}

http::result<std::size_t> front_end::body_limit(listener where, const http::request& r,
                                                std::size_t bytes_max) const {
  const auto* found = find(where, r);
  auto limit = found ? found->body_bytes_max() : needless_body_bytes_max;
  const auto& config = *context_.config;
  // The limit of the HTTP server is higher, to allow files.
  limit = std::min(limit, static_cast<std::size_t>(config.http.body_bytes_max));
  if (found && found->info.file_body) {
    limit = static_cast<std::size_t>(config.catalog.import_bytes_max);
  }
  if (found && found->info.image_body) {
    limit = static_cast<std::size_t>(config.media.image_bytes_max);
  }
  if (std::min(limit, bytes_max) > large_body_bytes) {
    if (found->info.who != access::anyone && !shows_valid_token(r, *context_.keys)) {
      return http::problem{401,
                           "authentication_required",
                           "A large body requires a valid access token. Log in first.",
                           {}};
    }
    if (where == listener::store && admission_->in_flight() >= admission_->limit()) {
      metrics_->refused();
      return overloaded();
    }
  }
  return {boost::system::in_place_value, limit};
}

void front_end::find_route(exchange& x) const {
  const auto& r = *x.request;
  auto match = routes_.match(r.method, r.path);
  // Routes of the other listener are 404 here, for any method.
  const auto* at_path = match.found || match.allowed.empty()
                            ? match.found
                            : routes_.match(match.allowed.front(), r.path).found;
  if (at_path && !serves(x.where, *at_path)) match = {};
  x.matched = match.found;
  x.path_values = std::move(match.values);
  x.allowed = std::move(match.allowed);
}

void front_end::handle(std::shared_ptr<http::request> r, http::responder respond, listener where,
                       std::size_t thread) {
  auto x = std::make_shared<exchange>();
  x->request = std::move(r);
  x->where = where;
  x->port = where == listener::admin ? ports_.back() : ports_[thread % (ports_.size() - 1)];
  x->shared = &context_;
  x->context.request_id = request_id_of(*x->request);
  find_route(*x);
  if (!is_within_rates(*x, respond)) return;
  if (!admit(*x)) return refuse(*x, std::move(respond));
  const auto end = end_of(x, std::move(respond));
  // Without memory, the destroyed responder sends what it can; IO worker and port must survive.
  try {
    const bool may_be_known = may_be_kept(*x);
    if (may_be_known && !prepare(x, end)) return;
    x->port->post([this, x, end, may_be_known] {
      try {
        if (may_be_known || prepare(x, end)) run_route(x, end);
      } catch (const std::exception&) {
        release(*x);
      }
    });
  } catch (const std::exception&) {
    release(*x);
  }
}

/// Rejects rate-limited clients on the IO worker, so that their requests do not count as in flight
/// and do not queue at the port.
bool front_end::is_within_rates(exchange& x, http::responder& respond) {
  try {
    limits_->check_address(x);
    return true;
  } catch (const problem_error& e) {
    finish(x, respond, http::problem_response(e.content, x.context.request_id), &e.content);
    return false;
  }
}

/// Vital routes are served even by an overloaded node, for its operators. The admin listener is
/// limited by its connections only.
bool front_end::admit(exchange& x) {
  if (x.where == listener::admin) return true;
  x.place = admission_->enter(cost_of(x));
  return x.place || (x.matched && x.matched->info.vital);
}

/// Rejects on the IO worker, before any actor is involved, so that admitted requests do not queue
/// behind rejected ones.
void front_end::refuse(exchange& x, http::responder respond) {
  metrics_->refused();
  metrics_->request(x.matched, 503, microseconds{elapsed_us(x.request->received)});
  if (const auto many = admission_->take_unreported()) {
    log::warn("overloaded: requests rejected", {{"rejected", many},
                                                {"cost_in_flight_max", admission_->limit()},
                                                {"request_id", x.context.request_id}});
  }
  auto r = http::problem_response(overloaded(), x.context.request_id);
  r.headers.emplace_back("X-Request-Id", x.context.request_id);
  if (context_.access) context_.access->answered(x, r);
  respond(std::move(r));
}

front_end::completion front_end::end_of(std::shared_ptr<exchange> x, http::responder respond) {
  auto shared_respond = std::make_shared<http::responder>(std::move(respond));
  return [this, x = std::move(x), shared_respond](std::optional<http::response> r,
                                                  const std::exception_ptr& error) {
    release(*x);
    try {
      end(*x, *shared_respond, std::move(r), error);
    } catch (const std::exception&) {
      // There is no memory for the response. The destroyed responder sends what it can.
    }
  };
}

/// Checks all that needs no service. False when the request has been answered.
bool front_end::prepare(const std::shared_ptr<exchange>& x, const completion& end) {
  try {
    auto answered = options_answer(*x);
    if (!answered) {
      check(*x);
      answered = known_answer(*x);
    }
    if (!answered) return true;
    end(std::move(answered), nullptr);
  } catch (...) {
    end(std::nullopt, std::current_exception());
  }
  return false;
}

void front_end::run_route(const std::shared_ptr<exchange>& x, const completion& end) {
  try {
    run<http::response>(x->session_unchecked ? check_session_first(*x) : x->matched->handler(*x),
                        end);
  } catch (...) {
    end(std::nullopt, std::current_exception());
  }
}

/// Ends the request with a response or an error.
void front_end::end(exchange& x, http::responder& respond, std::optional<http::response> r,
                    const std::exception_ptr& error) {
  if (!error) {
    if (x.data_version && r->status == 200) {
      const auto& key = x.answer_key.empty() ? x.request->target : x.answer_key;
      x.reused = answers_->keep(key, *x.data_version, *r, x.request->received);
    }
    return finish(x, respond, std::move(*r), nullptr);
  }
  http::problem failed;
  try {
    std::rethrow_exception(error);
  } catch (const problem_error& e) {
    failed = e.content;
  } catch (const kernel::problem_error& e) {
    failed = http_problem(e.content);
  } catch (const std::bad_alloc&) {
    failed = http::unavailable(
        "Out of memory. The request may or may not have been "
        "executed.");
    failed.code = "out_of_memory";
  } catch (const std::exception& e) {
    log::error("route failed",
               {{"http.route", x.matched ? std::string_view(x.matched->path) : "none"},
                {"request_id", x.context.request_id},
                {"error", std::string(e.what())}});
    failed = internal_error();
  }
  finish(x, respond, http::problem_response(failed, x.context.request_id), &failed);
}

/// Such a request is prepared on the IO worker: if its response is known, no actor is involved.
bool front_end::may_be_kept(const exchange& x) {
  return x.matched != nullptr && !x.matched->info.valid_with.empty() &&
         x.request->method == http::method::get && x.request->body.empty();
}

/// Makes the prices that apply now a part of the response's key. False if it must not be kept: it
/// is for the caller only, or this node does not know the price lists.
bool front_end::find_price_state(exchange& x) const {
  const auto rules = rules_->latest();
  if (!rules) return false;
  if (rules->price_lists().empty()) return true;
  if (rules->has_group_prices() && x.context.who.is_user()) return false;
  if (!rules_->current(price_rules::clock::now())) return false;
  if (fault("forget_price_state")) return true;  // Planted fault: other prices have the same key.
  x.answer_key = x.request->target + "\n" + std::to_string(rules->price_state(store_time().now()));
  return true;
}

/// The response that an earlier request to the same target got, if the data has not changed since.
/// Otherwise the new one may be kept.
std::optional<http::response> front_end::known_answer(exchange& x) const {
  if (!may_be_kept(x) || x.session_unchecked) return {};
  const auto version = context_.node->data_version(x.matched->info.valid_with);
  if (!version) return {};
  if (x.matched->info.shows_prices && !find_price_state(x)) return {};
  const auto& key = x.answer_key.empty() ? x.request->target : x.answer_key;
  x.reused = answers_->find(key, *version, answer_cache::clock::now());
  if (!x.reused) {
    x.data_version = version;
    return {};
  }
  return x.with_etag(x.reused->made(), x.reused->opaque_tag());
}

void front_end::check(exchange& x) {
  const auto& r = *x.request;
  x.context.traceparent = traceparent_of(r);
  x.context.deadline = process_time().now() - microseconds{elapsed_us(r.received)} +
                       milliseconds{context_.config->http.request_timeout_ms};
  if (!x.matched && x.allowed.empty()) fail(not_found("resource"));
  if (!x.matched) {
    fail({405,
          "method_not_allowed",
          "Method not allowed. Allowed methods: " + allow_field(x.allowed) + ".",
          {}});
  }
  if (!x.query_pairs) {
    auto query = http::parse_query(r.query);
    if (!query) fail(query.error());
    x.query_pairs = std::move(*query);
  }
  auto shape = read_shape(*x.query_pairs, x.matched->shape);
  if (!shape) fail(std::move(shape.error()));
  x.shape = std::move(*shape);
  reject_repeated_fields(r.headers);
  authenticate(x);
  limits_->check_account(x);
  check_content_type(r, x.matched->info.body_type);
  reject_unmatched(x);
  read_consistency(x);
  if (x.matched->info.reject_cards) {
    reject_card_numbers(x);
  } else if (x.matched->takes_metadata) {
    reject_card_numbers(x, "metadata");
  }
  if (x.matched->takes_key()) read_idempotency(x);
}

void front_end::read_idempotency(exchange& x) {
  const auto& r = *x.request;
  auto key = r.header("Idempotency-Key");
  if (!key) {
    if (!x.matched->info.key_required) return;
    fail({400,
          "idempotency_key_required",
          "This request requires an Idempotency-Key.",
          {{"#Idempotency-Key", "required", "an unguessable value, such as a random UUID"}}});
  }
  if (key->empty() || key->size() > key_bytes_max || !is_visible_ascii(*key)) {
    fail({400,
          "invalid_request",
          "Invalid Idempotency-Key.",
          {{"#Idempotency-Key", "format", "1 to 255 visible ASCII characters"}}});
  }
  const auto owner = replay_owner(x);
  if (!owner) return;
  const auto& secret = context_.secret->bytes;
  auto scope = text::base64url(
      text::keyed_hash(secret, *owner + "\n" + std::string(http::to_string(r.method)) + " " +
                                   r.path + "\n" + std::string(*key)));
  auto fingerprint = text::base64url(text::keyed_hash(secret, r.target + "\n" + r.body));
  std::lock_guard lock(keys_->mutex);
  auto [it, added] = keys_->fingerprints.try_emplace(scope, fingerprint);
  if (!added && it->second != fingerprint) {
    fail({422, "idempotency_key_reused", "This Idempotency-Key was used for another request.", {}});
  }
  if (!added) {
    fail(conflict("idempotency_in_progress",
                  "The first request with this key is still in progress."));
  }
  x.context.idempotency_scope = std::move(scope);
  x.context.fingerprint = std::move(fingerprint);
}

/// Releases the request's admission share and its idempotency key. Allocates nothing.
void front_end::release(exchange& x) {
  x.place.leave();
  const auto scope = std::exchange(x.context.idempotency_scope, {});
  if (scope.empty()) return;
  std::lock_guard lock(keys_->mutex);
  keys_->fingerprints.erase(scope);
}

void front_end::finish(exchange& x, http::responder& respond, http::response r,
                       const http::problem* failed) {
  limits_->add_fields(x, r);
  add_cache_control(x, r);
  compression_->apply(x, r);
  add_consistency(x, r);
  if (x.replayed) r.headers.emplace_back("Idempotent-Replayed", "true");
  r.headers.emplace_back("X-Request-Id", x.context.request_id);
  if (!x.context.traceparent.empty()) {
    r.headers.emplace_back("traceparent", x.context.traceparent);
  }
  if (failed) security_->refused(x, *failed);
  if (failed && failed->status == 405) {
    r.headers.emplace_back("Allow", allow_field(x.allowed));
  }
  if (context_.access) context_.access->answered(x, r);
  auto took = elapsed_us(x.request->received);
  metrics_->request(x.matched, r.status, microseconds{took});
  const bool quiet = x.request->method == http::method::get || limits_->has_refused(x);
  auto least = r.status >= 500 ? log::level::warn : quiet ? log::level::debug : log::level::info;
  if (log::enabled(least)) {
    log::write(least, "request",
               {{"request_id", x.context.request_id},
                {"trace_id", trace_id_of(x.context.traceparent)},
                {"http.request.method", http::to_string(x.request->method)},
                // The template, not the path: a guest's cart id is a secret.
                {"http.route", x.matched ? std::string_view(x.matched->path) : "none"},
                {"http.response.status_code", std::int64_t{r.status}},
                {"code", failed ? failed->code : std::string()},
                {"caller", x.context.who.str()},
                {"duration_us", took}});
  }
  respond(std::move(r));
}

}  // namespace stoa::front
