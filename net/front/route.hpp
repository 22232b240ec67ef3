#pragma once
// The route table: each route is declared once; the router, the OpenAPI document and the metric
// labels are derived from it.

#include "net/front/exchange.hpp"
#include "storage/base/json_schema.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <span>

namespace stoa::front {

/// Who may call a route. Which data of others a caller may see is decided by the service.
enum class access {
  anyone,  ///< including guests; for invalid tokens see route::ignores_bad_token()
  user,    ///< any signed-in user
  staff,   ///< staff and admin
  admin
};

/// For about::cost of routes that search or read many rows.
inline constexpr std::int64_t list_cost = 4;

/// For about::json_values_max: only the limit json.values_max applies.
inline constexpr std::size_t json_values_any = std::numeric_limits<std::size_t>::max();

/// The properties of a route, in addition to its types.
struct about {
  std::string id;                ///< OpenAPI operationId: add_cart_item
  std::string tag;               ///< OpenAPI tag: carts
  std::string summary;           ///< one line
  std::string description = {};  ///< details, if the summary is not enough
  access who = access::anyone;
  std::vector<int> success = {200};  ///< statuses with the reply type (204 and 304: without a body)
  std::vector<int> errors = {};      ///< in addition to 400, 401, 403 and 503 of the front end
  bool key_required = false;         ///< 400 without Idempotency-Key
  /// Authenticated by a signature of the body (a payment gateway's or a provider's) or by a token
  /// in the URL (of a link in an email): takes no access token and no Idempotency-Key.
  bool is_signed = false;
  /// The response contains tokens: it is never replayed, and an Idempotency-Key is ignored.
  bool grants_access = false;
  bool order_token = false;  ///< accepts a guest order's access token
  /// The response is the same for all callers, so that an invalid token is ignored. Unset: depends
  /// on the method, see route::ignores_bad_token().
  std::optional<bool> same_for_all = {};
  bool if_match = false;  ///< evaluates If-Match and If-None-Match; its responses have an ETag
  bool shared_cache =
      false;  ///< the response is the same for all: caches may store and revalidate it
  /// The response depends only on the request's target and the data of this service: the node
  /// reuses it until that changes (answer_cache.hpp).
  std::string_view valid_with = {};
  /// With valid_with: it also depends on the price lists, and on the groups of the caller.
  bool shows_prices = false;
  /// Header fields of requests and of successful responses, by their names in
  /// net/front/header_fields.cpp, in addition to those implied by the other members: fields for
  /// keys, conditions, limits, tracing and errors.
  std::vector<std::string_view> request_fields = {};
  std::vector<std::string_view> answer_fields = {};
  std::vector<expansion> expand = {};    ///< related resources for ?expand
  std::vector<std::string> hidden = {};  ///< fields of the reply type that its responses never have
  bool listed = true;                    ///< included in the OpenAPI document
  bool vital = false;                    ///< served by an overloaded node, too
  bool reject_cards = false;  ///< stores free text: 422 when the body contains a card number
  std::vector<int> bodiless =
      {};  ///< statuses of `success` without a body, in addition to 204 and 304
  limit_class limit = limit_class::by_method;  ///< class of the rate limits per address and account
  bool on_admin_listen = false;    ///< served at http.admin_listen, whatever http.admin_routes is
  std::size_t body_bytes_max = 0;  ///< 0: see route::body_bytes_max()
  std::size_t json_values_max = 1000;  ///< of the body, at most json.values_max; 413 above
  std::int64_t cost = 1;               ///< for admission control; a read by key costs 1
  std::string reply_type = "application/json";
  std::string body_type = "application/json";  ///< "*/*": any; the body is not read
  bool file_body = false;   ///< the body is a file of up to catalog.import_bytes_max
  bool image_body = false;  ///< the body is an image of up to media.image_bytes_max
};

/// Largest body of a route that does not set one; enough for customers' requests.
inline constexpr std::size_t usual_body_bytes_max = 16 * 1024;
/// The same for routes without a body and for unknown paths: "{}" is tolerated.
inline constexpr std::size_t needless_body_bytes_max = 1024;

using route_handler = std::function<task<http::response>(exchange&)>;
using schema_maker = std::function<std::string(json::schema_set&)>;
using parameter_info = json::schema_set::member_text;  ///< of a query parameter
using parameter_maker = std::function<std::vector<parameter_info>(json::schema_set&)>;

struct route {
  http::method method = http::method::get;
  std::string path;  ///< "/store/v1/carts/{cart_id}/items"
  std::vector<std::string> segments;
  std::vector<std::string> parameters;  ///< names of the {segments}, in order
  about info;
  route_handler handler;
  schema_maker body;        ///< empty: no request body
  bool reads_json = false;  ///< the body is read as a message: it is JSON and has a schema
  schema_maker reply;       ///< empty: no response body
  parameter_maker query;
  answer_shape shape;  ///< of responses to reads under /store/ and /admin/
  bool takes_metadata = false;
  bool takes_cursor = false;

  /// Maximum body size of the route; 0 for GET.
  std::size_t body_bytes_max() const {
    if (method == http::method::get) return 0;
    if (info.body_bytes_max > 0) return info.body_bytes_max;
    return body ? usual_body_bytes_max : needless_body_bytes_max;
  }

  /// Whether a caller with an invalid token (expired, revoked, forged) counts as a guest instead of
  /// getting 401: where a token makes no difference.
  bool ignores_bad_token() const {
    const bool is_public = method == http::method::get && !info.order_token;
    return info.who == access::anyone && info.same_for_all.value_or(is_public);
  }

  /// Whether an Idempotency-Key has an effect.
  bool takes_key() const {
    return method == http::method::post && !info.grants_access && !info.is_signed;
  }
};

/// The result of routing: the route, or the methods of the path (405), or neither (404).
struct route_match {
  const route* found = nullptr;
  std::vector<std::string> values;
  std::vector<http::method> allowed;
};

class routes {
 public:
  /// handler(exchange&, Q query) -> task<http::response>
  template <class Q, class Reply, class H>
  void get(std::string path, about info, H handler) {
    add<none, Q, Reply>(http::method::get, std::move(path), std::move(info),
                        [handler](exchange& x) { return handler(x, x.query<Q>()); });
  }
  /// handler(exchange&, B body) -> task<http::response>
  template <class B, class Reply, class H>
  void post(std::string path, about info, H handler) {
    with_body<B, Reply>(http::method::post, std::move(path), std::move(info), handler);
  }
  /// For a body that is not read as a message (a file, a webhook): handler(exchange&, Q query) ->
  /// task<http::response>, which reads x.request->body.
  template <class Q, class Reply, class H>
  void post_file(std::string path, about info, H handler) {
    add<none, Q, Reply>(http::method::post, std::move(path), std::move(info),
                        [handler](exchange& x) { return handler(x, x.query<Q>()); });
    const bool is_json = list_.back()->info.body_type == "application/json";
    list_.back()->body = [is_json](json::schema_set&) {
      return std::string(is_json ? R"({"type":"object"})" : R"({"type":"string"})");
    };
  }
  template <class B, class Reply, class H>
  void put(std::string path, about info, H handler) {
    with_body<B, Reply>(http::method::put, std::move(path), std::move(info), handler);
  }
  template <class B, class Reply, class H>
  void patch(std::string path, about info, H handler) {
    with_body<B, Reply>(http::method::patch, std::move(path), std::move(info), handler);
  }
  template <class B, class Reply, class H>
  void del(std::string path, about info, H handler) {
    with_body<B, Reply>(http::method::del, std::move(path), std::move(info), handler);
  }

  route_match match(http::method m, std::string_view path) const;
  const std::vector<std::unique_ptr<route>>& all() const { return list_; }

 private:
  template <class B, class Reply, class H>
  void with_body(http::method m, std::string path, about info, H handler) {
    add<B, none, Reply>(m, std::move(path), std::move(info), [handler](exchange& x) {
      x.query<none>();
      return handler(x, x.body<B>());
    });
  }
  template <class B, class Q, class Reply>
  void add(http::method m, std::string path, about info, route_handler handler) {
    auto r = std::make_unique<route>();
    r->method = m;
    r->path = std::move(path);
    r->info = std::move(info);
    r->handler = std::move(handler);
    if constexpr (!std::is_same_v<B, none>) {
      r->body = [](json::schema_set& s) { return s.ref<B>(json::usage::request); };
      r->reads_json = true;
    }
    if constexpr (!std::is_same_v<Reply, none>) {
      r->reply = [](json::schema_set& s) { return s.ref<Reply>(); };
    }
    if constexpr (!std::is_same_v<Q, none>) {
      r->query = [](json::schema_set& s) { return s.members<Q>(); };
    }
    r->takes_cursor = requires(Q q) {
      q.cursor;
    };
    if constexpr (described_struct<Reply> && !std::is_same_v<Reply, none>) {
      const bool is_resource = r->path.starts_with("/store/") || r->path.starts_with("/admin/");
      if (m == http::method::get && is_resource) {
        r->shape = shape_of<Reply>();
        r->shape.expand = r->info.expand;
        r->shape.hidden = r->info.hidden;
      }
    }
    r->takes_metadata = requires(B b) {
      b.metadata;
    };
    place(std::move(r));
  }
  void place(std::unique_ptr<route> r);

  struct node {
    std::map<std::string, std::unique_ptr<node>, std::less<>> named;
    std::unique_ptr<node> any;
    std::vector<const route*> here;
  };
  static const node* walk(const node& at, std::span<const std::string_view> rest,
                          std::vector<std::string>& values);

  std::vector<std::unique_ptr<route>> list_;
  node root_;
};

/// A request without a body.
struct empty_body {};
BOOST_DESCRIBE_STRUCT(empty_body, (), ())

}  // namespace stoa::front
