#pragma once
// The front end: receives requests from the HTTP server, matches the route, authenticates the
// caller, runs the route in a port of the node, and sends the response.

#include "net/front/route.hpp"
#include "net/http/server.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace stoa::front {

class front_end {
 public:
  /// One port for each IO worker.
  front_end(const front_context& context, std::size_t io_threads);
  ~front_end();
  front_end(const front_end&) = delete;
  front_end& operator=(const front_end&) = delete;

  http::handler handler(listener where);
  /// The body size limit by route. The sender of a large body must present a valid token where the
  /// route requires one, and the node must not be overloaded.
  http::body_rule body_rule(listener where);
  /// Adds the server to /metrics; call before it starts.
  void watch(std::string name, const http::server& edge);
  /// /readyz reports draining from now on.
  void drain() { draining_ = true; }
  const routes& table() const { return routes_; }
  /// The OpenAPI 3.1 document of the routes. Made at the first call, as it takes half as long as
  /// the start of the program.
  const std::string& openapi() const;
  /// The AsyncAPI 3.0 document of the events, made at the first call.
  const std::string& asyncapi() const;

 private:
  struct in_flight_keys;
  void handle(std::shared_ptr<http::request> r, http::responder respond, listener where,
              std::size_t thread);
  bool serves(listener where, const route& r) const;
  const route* find(listener where, const http::request& r) const;
  void find_route(exchange& x) const;
  http::result<std::size_t> body_limit(listener where, const http::request& r,
                                       std::size_t bytes_max) const;
  bool is_within_rates(exchange& x, http::responder& respond);
  bool admit(exchange& x);
  void refuse(exchange& x, http::responder respond);
  /// Ends a request, with a response or an error.
  using completion = std::function<void(std::optional<http::response>, const std::exception_ptr&)>;
  completion end_of(std::shared_ptr<exchange> x, http::responder respond);
  bool prepare(const std::shared_ptr<exchange>& x, const completion& end);
  void run_route(const std::shared_ptr<exchange>& x, const completion& end);
  void end(exchange& x, http::responder& respond, std::optional<http::response> r,
           const std::exception_ptr& error);
  void check(exchange& x);
  static bool may_be_kept(const exchange& x);
  bool find_price_state(exchange& x) const;
  std::optional<http::response> known_answer(exchange& x) const;
  void read_idempotency(exchange& x);
  void release(exchange& x);
  void finish(exchange& x, http::responder& respond, http::response r, const http::problem* failed);

  front_context context_;
  std::shared_ptr<front_metrics> metrics_;
  std::unique_ptr<security_log> security_;
  std::shared_ptr<revocations> revoked_;
  std::shared_ptr<revocation_follower> follower_;
  std::shared_ptr<price_rules> rules_;
  std::unique_ptr<admission> admission_;
  std::unique_ptr<edge_metrics> edges_;
  std::unique_ptr<client_limits> limits_;
  std::unique_ptr<compression> compression_;
  std::unique_ptr<answer_cache> answers_;
  std::unique_ptr<own_writes> writes_;
  std::shared_ptr<capability_watch> capabilities_;
  std::atomic<bool> draining_{false};
  std::string admin_routes_;  ///< http.admin_routes
  routes routes_;
  struct document {
    std::once_flag made;
    std::string text;
  };
  mutable document openapi_;
  mutable document asyncapi_;
  std::vector<std::shared_ptr<kernel::port>> ports_;
  std::unique_ptr<in_flight_keys> keys_;
};

/// Authenticates the caller by the Authorization field: sets context.who or order_token. Fails with
/// 401 for an invalid token unless the route ignores those, with 401 or 403 when the caller may not
/// use the route. When this node cannot tell whether the token's session has ended, sets
/// session_unchecked for check_session_first.
void authenticate(exchange& x);

/// True when the request presents a valid access token, of any user.
bool shows_valid_token(const http::request& r, const token::token_keys& keys);

/// Asks the user service whether the session of the caller's token is still valid: before storing
/// something for a user whose account may just have been deleted at another node. Fails with 401
/// when the session has ended, 503 when the service does not answer. Always true.
task<bool> confirm_session(exchange& x);

/// After sessions have ended: waits until this node rejects their access tokens. Always true.
task<bool> sessions_ended(exchange& x);

/// Confirms the session, then runs the route.
task<http::response> check_session_first(exchange& x);

}  // namespace stoa::front
