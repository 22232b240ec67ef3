#pragma once
// One HTTP request: its input, the authenticated caller, and calls to the services.

#include "actors/kernel/precondition.hpp"
#include "actors/kernel/service_calls.hpp"
#include "net/front/admission.hpp"
#include "net/front/context.hpp"
#include "net/front/failure.hpp"
#include "net/front/rate_limits.hpp"
#include "net/front/revocations.hpp"
#include "net/front/shape.hpp"
#include "net/http/message.hpp"
#include "net/http/query.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

using kernel::callback_wait;
using kernel::pending;
using kernel::task;

struct route;

/// The listener that received the request: http.listen or http.admin_listen.
enum class listener { store, admin };

/// For routes without a body or without query parameters.
struct none {};
BOOST_DESCRIBE_STRUCT(none, (), ())

class exchange final : public kernel::service_calls {
 public:
  std::shared_ptr<http::request> request;
  listener where = listener::store;
  const route* matched = nullptr;
  std::vector<std::string> path_values;    ///< of the template's {names}, in order
  std::vector<http::method> allowed;       ///< methods of the path, whatever the request's method
  std::optional<token_session> session;    ///< of the caller's access token
  bool session_unchecked = false;          ///< ask the user service whether the session has ended
  std::optional<std::string> order_token;  ///< a guest order's access token, sent as Bearer
  std::string login_hash;                  ///< of the login in the request (security_log.hpp)
  std::shared_ptr<kernel::port> port;
  const front_context* shared = nullptr;
  admission::place place;  ///< the request's share of the node's admission limit
  limit_notes rate_notes;  ///< results of the rate limits, for the response
  std::optional<http::query_parameters> query_pairs;
  wanted_shape shape;  ///< which parts of the resource the response shows
  /// The data version of about::valid_with before the response was made: it may be kept.
  std::optional<std::uint64_t> data_version;
  std::string answer_key;               ///< in answer_cache; empty: the target
  bool for_caller_only = false;         ///< the response must not be stored for others
  std::shared_ptr<kept_answer> reused;  ///< what the response was made of, in answer_cache
  /// Services in which the request has changed something, and services whose changes the client
  /// wants to see (own_writes.hpp).
  std::set<std::string, std::less<>> written;
  std::set<std::string, std::less<>> client_writes;

  /// The id in path segment {name}; 404 when it is malformed.
  template <class Id>
  Id path_id(std::string_view name, std::string_view what) const {
    auto parsed = Id::parse(path_value(name));
    if (!parsed) fail(not_found(std::string(what)));
    return *parsed;
  }
  const std::string& path_value(std::string_view name) const;

  /// The validated body. A request without a body is allowed when B has only optional fields. Call
  /// once per request: the parsed body is moved from.
  template <class B>
  B body() {
    auto parsed = request->body.empty() && all_optional<B>
                      ? result<json::value>(json::value(json::object{}))
                      : take_parsed_body();
    if (!parsed) fail(std::move(parsed.error()));
    auto read = json::read_value<B>(*parsed);
    if (!read) fail(std::move(read.error()));
    return std::move(*read);
  }
  /// The body as JSON, parsed once, within the limits of the route.
  const result<json::value>& parsed_body();

  /// The validated query string; unknown names are 400. List values are separated by commas.
  template <class Q>
  Q query() const {
    json::object values;
    boost::mp11::mp_for_each<members_of<Q>>([&](auto d) {
      using type = std::remove_cvref_t<decltype(std::declval<Q>().*d.pointer)>;
      add_query_value(values, d.name, kind_of<type>());
    });
    check_query_names(values.size(), values);
    auto read = json::read_value<Q>(json::value(std::move(values)));
    if (!read) fail(as_query_problem(std::move(read.error())));
    return std::move(*read);
  }

  timestamp now() const override { return store_time().now(); }
  pending<kernel::event_ptr> watch_now(const std::string& service,
                                       kernel::awaited_event what) override;
  pending<kernel::event_ptr> applied_now(const std::string& service,
                                         const uuid& aggregate) override;
  /// Waits for work on another thread that has a bounded queue: `start` enqueues it and returns
  /// false when the queue is full, which is 503.
  template <class T>
  task<T> run_elsewhere(std::function<bool(std::function<void(T)>)> start) {
    bool taken = true;
    auto return_port = port;
    place.leave();
    callback_wait<std::optional<T>> wait([&](std::function<void(std::optional<T>)> resume) {
      auto shared_resume = std::make_shared<std::function<void(std::optional<T>)>>(resume);
      taken = start([return_port, shared_resume](T v) {
        auto kept = std::make_shared<T>(std::move(v));
        return_port->post([shared_resume, kept] { (*shared_resume)(std::move(*kept)); });
      });
      if (!taken) resume(std::nullopt);
    });
    std::optional<T> value = co_await wait;
    if (!value) fail({503, "overloaded", "Too many requests of this kind are queued.", {}});
    co_return std::move(*value);
  }

  /// The value as JSON, with the status (200, 201...).
  template <class T>
  http::response json(int status, const T& value) const {
    http::response r;
    r.status = status;
    r.content_type = "application/json";
    r.body = json::write(value);
    if (shape.fields && status == 200) r.body = shape.fields->apply(r.body);
    return r;
  }
  /// 200 with an ETag; 304 when If-None-Match matches it, 412 when If-Match does not.
  template <class T>
  http::response cacheable(const T& value) const {
    return with_etag(json(200, value));
  }
  /// A list: 200 with `Link: <...>; rel="next"` (RFC 8288) when there is a next page. The service's
  /// cursor is signed for this list; query() verifies it on return. The total of a single-page list
  /// is set here.
  template <class Page>
  http::response page(Page value) const {
    auto& next = value.next_cursor.value;
    if (next) next = signed_cursor(*next);
    if constexpr (requires { value.total; }) {
      const bool whole = !next && !query_pairs->find("cursor");
      if (shape.count && whole) value.total = static_cast<std::int64_t>(value.data.size());
    }
    auto r = json(200, value);
    if (next) add_next_link(r, *next);
    return r;
  }
  /// For a list that is not JSON: adds the Link to its next page, at the service's position.
  void link_next(http::response& r, std::string_view position) const {
    add_next_link(r, signed_cursor(position));
  }
  http::response no_content() const { return http::response{.status = 204}; }
  /// Adds the ETag of the body: the tag of the resource in the path, whose representation GET, PUT
  /// and PATCH return. For GET and HEAD, evaluates If-Match and If-None-Match.
  http::response with_etag(http::response r) const;
  /// The same with an opaque tag from the route, which must change whenever the body does.
  http::response with_etag(http::response r, std::string_view opaque) const;

  /// If-Match and If-None-Match of a request that changes the resource, evaluated by its command;
  /// nothing when both are absent. 400 `invalid_precondition` for a malformed value.
  std::optional<kernel::precondition> precondition() const;
  /// True when the request's order token is that of this order.
  bool shows_token_of(stoa::order_id id) const;
  /// The access token of a guest's order.
  std::string token_of(stoa::order_id id) const;

 private:
  enum class query_kind { text, number, boolean, list };
  template <class T>
  static constexpr query_kind kind_of() {
    using type = typename db::optional_content<T>::type;
    if (std::is_same_v<type, bool>) return query_kind::boolean;
    if (std::is_integral_v<type>) return query_kind::number;
    return json::is_vector<type> ? query_kind::list : query_kind::text;
  }
  template <class B>
  static constexpr bool all_optional = [] {
    bool all = true;
    boost::mp11::mp_for_each<members_of<B>>([&](auto d) {
      using type = std::remove_cvref_t<decltype(std::declval<B>().*d.pointer)>;
      all = all && db::is_optional<type>;
    });
    return all;
  }();

  /// Whether a replica, which lags, may answer the query.
  bool may_lag(std::string_view service) const;
  void note_write(const std::string& service, const kernel::awaited_event* awaited = nullptr);
  pending<kernel::answer> start_now(const std::string& service, kernel::any_message m) override;
  callback_wait<kernel::answer> wait_command(std::string service, kernel::any_message m) override;
  callback_wait<kernel::answer> wait_query(std::string service, kernel::any_message m) override;
  callback_wait<std::pair<kernel::answer, kernel::event_ptr>> wait_outcome(
      std::string service, kernel::any_message m, kernel::awaited_event what) override;
  result<json::value> take_parsed_body();
  /// The list that a cursor is valid for: the path, the filters, and the user where lists are per
  /// user.
  std::string list_identity() const;
  std::string signed_cursor(std::string_view position) const;
  std::string verified_cursor(std::string_view cursor) const;
  void add_query_value(json::object& values, std::string_view name, query_kind kind) const;
  void check_query_names(std::size_t known, const json::object& values) const;
  static problem as_query_problem(problem p);
  void add_next_link(http::response& r, const std::string& cursor) const;

  std::optional<result<json::value>> parsed_body_;
};

}  // namespace stoa::front
