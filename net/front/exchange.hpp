#pragma once
// One request on its way through a route: what came in, who asks, and how to ask the services.

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

/// Where a request has come in: http.listen, or http.admin_listen.
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
  std::vector<http::method> allowed;       ///< the methods that the path has, whatever was asked
  std::optional<token_session> session;    ///< that the caller's access token belongs to
  bool session_unchecked = false;          ///< the user service is to be asked whether it has ended
  std::optional<std::string> order_token;  ///< a guest order's access token, shown as Bearer
  std::string login_hash;  ///< of the login that the request shows (security_log.hpp)
  std::shared_ptr<kernel::port> port;
  const front_context* shared = nullptr;
  admission::place place;  ///< among the requests that the node works on
  limit_notes rate_notes;  ///< what the limits of clients have said of the request
  std::optional<http::query_parameters> query_pairs;
  wanted_shape shape;  ///< what the answer is to show
  /// Services that the request has changed something in, and those whose changes the client wants
  /// to see (own_writes.hpp).
  std::set<std::string, std::less<>> written;
  std::set<std::string, std::less<>> shown_writes;

  /// The id at the {name} of the path; 404 when it is no id, for such a thing cannot exist.
  template <class Id>
  Id path_id(std::string_view name, std::string_view what) const {
    auto parsed = Id::parse(path_value(name));
    if (!parsed) fail(not_found(std::string(what)));
    return *parsed;
  }
  const std::string& path_value(std::string_view name) const;

  /// The body as a B, checked. A body-less request is allowed when B has only optional fields. Once
  /// a request: the parsed body is gone afterwards.
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

  /// The query string as a Q: unknown names are 400. The values of a list stand between commas.
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
  /// Waits for work done on another thread, whose queue has a bound of its own: `start` hands the
  /// work over and says if it was taken. 503 when it was not.
  template <class T>
  task<T> elsewhere(std::function<bool(std::function<void(T)>)> start) {
    bool taken = true;
    auto way_back = port;
    place.leave();
    callback_wait<std::optional<T>> wait([&](std::function<void(std::optional<T>)> resume) {
      auto shared_resume = std::make_shared<std::function<void(std::optional<T>)>>(resume);
      taken = start([way_back, shared_resume](T v) {
        auto kept = std::make_shared<T>(std::move(v));
        way_back->post([shared_resume, kept] { (*shared_resume)(std::move(*kept)); });
      });
      if (!taken) resume(std::nullopt);
    });
    std::optional<T> value = co_await wait;
    if (!value) fail({503, "overloaded", "Too many requests of this kind wait already.", {}});
    co_return std::move(*value);
  }

  /// 200, 201... with the value as JSON.
  template <class T>
  http::response json(int status, const T& value) const {
    http::response r;
    r.status = status;
    r.content_type = "application/json";
    r.body = json::write(value);
    if (shape.fields && status == 200) r.body = shape.fields->apply(r.body);
    return r;
  }
  /// 200 with an ETag; 304 when If-None-Match names it, 412 when If-Match does not.
  template <class T>
  http::response cacheable(const T& value) const {
    return with_etag(json(200, value));
  }
  /// A list: 200 with `Link: <...>; rel="next"` (RFC 8288) when there is a next page. The service's
  /// cursor is signed for this list; query() verifies what comes back. A list that is whole counts
  /// itself.
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
  /// For a list that is no JSON: the Link to its next page, at the service's position.
  void link_next(http::response& r, std::string_view position) const {
    add_next_link(r, signed_cursor(position));
  }
  http::response no_content() const { return http::response{.status = 204}; }
  /// Adds the ETag of the body: that of the resource in the path, of which GET, PUT and PATCH give
  /// the same representation. For GET and HEAD it evaluates If-Match and If-None-Match.
  http::response with_etag(http::response r) const;
  /// The same with an opaque tag of the route's own, which changes whenever the body does.
  http::response with_etag(http::response r, std::string_view opaque) const;

  /// If-Match and If-None-Match of a request that changes the resource, for its command, which
  /// evaluates them; nothing when nothing is asked. 400 `invalid_precondition` for another form.
  std::optional<kernel::precondition> precondition() const;
  /// True when the order token shown is that of this order.
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

  /// Whether a replica, which lags, may answer what the request asks the service.
  bool may_lag(std::string_view service) const;
  void note_write(const std::string& service, const kernel::awaited_event* awaited = nullptr);
  pending<kernel::answer> start_now(const std::string& service, kernel::any_message m) override;
  callback_wait<kernel::answer> wait_command(std::string service, kernel::any_message m) override;
  callback_wait<kernel::answer> wait_query(std::string service, kernel::any_message m) override;
  callback_wait<std::pair<kernel::answer, kernel::event_ptr>> wait_outcome(
      std::string service, kernel::any_message m, kernel::awaited_event what) override;
  result<json::value> take_parsed_body();
  /// What a cursor belongs to: the path, the filters, and the user where only users have the list.
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
