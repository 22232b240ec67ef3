#include "net/front/front.hpp"

#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/front/admission.hpp"
#include "net/front/asyncapi.hpp"
#include "net/front/card_check.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/openapi.hpp"
#include "net/front/trace.hpp"
#include "net/http/problem_response.hpp"
#include "net/routes/all_routes.hpp"
#include "storage/base/text.hpp"

#include <mutex>
#include <set>
#include <unordered_map>

namespace stoa::front {

namespace {

constexpr std::size_t key_bytes_max = 255;

std::int64_t elapsed_us(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - since).count();
}

bool is_visible_ascii(std::string_view t) {
  return std::all_of(t.begin(), t.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string allow_field(const std::vector<http::method>& methods) {
  std::string list;
  for (auto m : methods) {
    list += (list.empty() ? "" : ", ") + std::string(http::to_string(m));
    if (m == http::method::get) list += ", HEAD";  // answered by the same route
  }
  return list;
}

admission_limits limits_of(const settings& s) {
  return {s.http.requests_in_flight_max, milliseconds{s.http.latency_target_ms}};
}

problem internal_error() {
  return {500, "internal_error", "Something went wrong on our side.", {}};
}

/// Deletes, puts and posts with a body must say that it is JSON.
void check_content_type(const http::request& r) {
  if (r.body.empty()) return;
  auto type = r.header("Content-Type");
  if (!type) return;
  auto essence = text::trim(type->substr(0, type->find(';')));
  if (http::equals_ignoring_case(essence, "application/json") || essence.ends_with("+json")) return;
  fail({415,
        "unsupported_media_type",
        "The body must be application/json.",
        {{"#Content-Type", "value", "application/json"}}});
}

}  // namespace

/// Requests with an Idempotency-Key that are running now: their repeats get 409.
struct front_end::in_flight_keys {
  std::mutex mutex;
  std::unordered_map<std::string, std::string> fingerprints;
};

front_end::front_end(front_context context, std::size_t io_threads)
    : context_(context),
      metrics_(std::make_unique<front_metrics>(context.registry)),
      entrance_(std::make_unique<admission>(limits_of(*context.config))),
      limits_(std::make_unique<client_limits>(*context.config, *context.secret, context.shared,
                                              context.registry)),
      keys_(std::make_unique<in_flight_keys>()) {
  context_.metrics = metrics_.get();
  context_.entrance = entrance_.get();
  context_.limits = limits_.get();
  if (context_.operation_only) {
    add_operation_routes(routes_, *this);
  } else {
    add_all_routes(routes_, *this);
  }
  openapi_ = make_openapi(routes_);
  asyncapi_ = make_asyncapi(context_.config->nats.stream);
  for (std::size_t i = 0; i < io_threads; ++i) ports_.push_back(context_.node->make_port());
}
front_end::~front_end() = default;

http::handler front_end::handler() {
  return [this](std::shared_ptr<http::request> r, http::responder respond, std::size_t thread) {
    handle(std::move(r), std::move(respond), thread);
  };
}

void front_end::handle(std::shared_ptr<http::request> r, http::responder respond,
                       std::size_t thread) {
  auto x = std::make_shared<exchange>();
  x->request = std::move(r);
  x->port = ports_[thread % ports_.size()];
  x->shared = &context_;
  if (!lets_in(*x)) return refuse(*x, std::move(respond));
  auto shared_respond = std::make_shared<http::responder>(std::move(respond));
  x->port->post([this, x, shared_respond] { dispatch(x, std::move(*shared_respond)); });
}

/// Some routes are answered even by a node that has too much to do: whoever looks after it must see
/// that.
bool front_end::lets_in(exchange& x) {
  x.place = entrance_->enter();
  if (x.place) return true;
  x.matched = routes_.match(x.request->method, x.request->path).found;
  return x.matched && x.matched->info.vital;
}

/// Says no on the io thread, before anything has been asked of an actor: what is let in must not
/// queue behind what is not.
void front_end::refuse(exchange& x, http::responder respond) {
  x.context.request_id = request_id_of(*x.request);
  metrics_->refused();
  metrics_->request(x.matched, 503, microseconds{elapsed_us(x.request->received)});
  if (const auto many = entrance_->refused_untold()) {
    log::warn("overloaded: requests refused", {{"refused", many},
                                               {"let_in_at_once", entrance_->limit()},
                                               {"request_id", x.context.request_id}});
  }
  auto r = http::problem_response({503,
                                   "overloaded",
                                   "There are more requests than can be answered in time. Nothing "
                                   "has been done; try again later.",
                                   {}},
                                  x.context.request_id);
  r.headers.emplace_back("X-Request-Id", x.context.request_id);
  respond(std::move(r));
}

void front_end::dispatch(const std::shared_ptr<exchange>& x, http::responder respond) {
  auto shared_respond = std::make_shared<http::responder>(std::move(respond));
  auto done = [this, x, shared_respond](std::optional<http::response> r,
                                        const std::exception_ptr& error) {
    problem failed;
    if (error) {
      try {
        std::rethrow_exception(error);
      } catch (const problem_error& e) {
        failed = e.content;
      } catch (const std::exception& e) {
        log::error("route failed",
                   {{"route", x->matched ? std::string_view(x->matched->path) : "none"},
                    {"request_id", x->context.request_id},
                    {"error", std::string(e.what())}});
        failed = internal_error();
      }
      r = http::problem_response(failed, x->context.request_id);
    }
    finish(x, std::move(*shared_respond), std::move(*r), error ? &failed : nullptr);
  };
  try {
    prepare(*x);
    run<http::response>(x->matched->handler(*x), done);
  } catch (...) {
    done(std::nullopt, std::current_exception());
  }
}

void front_end::prepare(exchange& x) {
  const auto& r = *x.request;
  x.context.request_id = request_id_of(r);
  x.context.traceparent = traceparent_of(r);
  x.context.deadline = system_time().now() - microseconds{elapsed_us(r.received)} +
                       milliseconds{context_.config->http.request_timeout_ms};
  auto match = routes_.match(r.method, r.path);
  x.matched = match.found;
  limits_->check_address(x);
  if (!match.found && match.allowed.empty()) fail(not_found("resource"));
  if (!match.found) {
    fail({405,
          "method_not_allowed",
          "This resource knows: " + allow_field(match.allowed) + ".",
          {}});
  }
  x.path_values = std::move(match.values);
  auto query = http::parse_query(r.query);
  if (!query) fail(query.error());
  x.query_pairs = std::move(*query);
  authenticate(x);
  limits_->check_account(x);
  check_content_type(r);
  if (x.matched->info.refuse_cards) refuse_card_numbers(r.body);
  if (r.method == http::method::post) read_idempotency(x);
}

void front_end::read_idempotency(exchange& x) {
  const auto& r = *x.request;
  auto key = r.header("Idempotency-Key");
  if (!key) {
    if (!x.matched->info.key_required) return;
    fail(
        {400,
         "idempotency_key_required",
         "This request needs an Idempotency-Key.",
         {{"#Idempotency-Key", "required", "an unguessable text of your choice, such as a UUID"}}});
  }
  if (key->empty() || key->size() > key_bytes_max || !is_visible_ascii(*key)) {
    fail({400,
          "invalid_request",
          "The Idempotency-Key is not usable.",
          {{"#Idempotency-Key", "format", "1 to 255 visible ASCII characters"}}});
  }
  // A guest is known by the cart in the path, or else by the address: a key alone must not open
  // what another guest has made with the same key.
  std::string who =
      x.context.who.is_user() ? x.context.who.user.str() : "guest " + r.remote_address;
  if (!x.context.who.is_user() && !x.matched->parameters.empty()) who = "guest";
  const auto& secret = context_.secret->bytes;
  auto scope =
      text::base64url(text::keyed_hash(secret, who + "\n" + std::string(http::to_string(r.method)) +
                                                   " " + r.path + "\n" + std::string(*key)));
  auto fingerprint = text::base64url(text::keyed_hash(secret, r.target + "\n" + r.body));
  std::lock_guard lock(keys_->mutex);
  auto [it, added] = keys_->fingerprints.try_emplace(scope, fingerprint);
  if (!added && it->second != fingerprint) {
    fail({422, "idempotency_key_reused", "This Idempotency-Key belongs to another request.", {}});
  }
  if (!added) {
    fail(conflict("idempotency_in_progress", "The first request with this key is still running."));
  }
  x.context.idempotency_scope = std::move(scope);
  x.context.fingerprint = std::move(fingerprint);
}

void front_end::finish(const std::shared_ptr<exchange>& x, http::responder respond,
                       http::response r, const problem* failed) {
  x->place.leave();
  if (!x->context.idempotency_scope.empty()) {
    std::lock_guard lock(keys_->mutex);
    keys_->fingerprints.erase(x->context.idempotency_scope);
  }
  limits_->add_fields(*x, r);
  if (x->replayed) r.headers.emplace_back("Idempotent-Replayed", "true");
  r.headers.emplace_back("X-Request-Id", x->context.request_id);
  if (!x->context.traceparent.empty()) {
    r.headers.emplace_back("traceparent", x->context.traceparent);
  }
  if (failed && failed->status == 401) r.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (failed && failed->status == 405) {
    r.headers.emplace_back(
        "Allow", allow_field(routes_.match(x->request->method, x->request->path).allowed));
  }
  auto took = elapsed_us(x->request->received);
  metrics_->request(x->matched, r.status, microseconds{took});
  const bool quiet = x->request->method == http::method::get || limits_->has_refused(*x);
  auto least = r.status >= 500 ? log::level::warn : quiet ? log::level::debug : log::level::info;
  if (log::enabled(least)) {
    log::write(least, "request",
               {{"request_id", x->context.request_id},
                {"traceparent", x->context.traceparent},
                {"method", http::to_string(x->request->method)},
                // The template, not the path: a guest's cart id is a secret.
                {"route", x->matched ? std::string_view(x->matched->path) : "none"},
                {"status", std::int64_t{r.status}},
                {"code", failed ? failed->code : std::string()},
                {"caller", x->context.who.str()},
                {"duration_us", took}});
  }
  respond(std::move(r));
}

}  // namespace stoa::front
