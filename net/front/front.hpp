#pragma once
// The front end: takes requests from the edge, finds the route, tells who asks, runs the route in a
// port of the node, and sends the answer back.

#include "net/front/route.hpp"
#include "net/http/server.hpp"

#include <memory>
#include <string>

namespace stoa::front {

class front_end {
 public:
  /// One port for each of the edge's io threads.
  front_end(front_context context, std::size_t io_threads);
  ~front_end();
  front_end(const front_end&) = delete;
  front_end& operator=(const front_end&) = delete;

  http::handler handler(listener where);
  /// The limit of a request's body by its route. Who sends a large one must show a valid token
  /// where the route asks for one, and the node must have room for the request.
  http::body_rule body_rule(listener where);
  /// From now on /metrics tells of the server; before it starts.
  void watch(std::string name, const http::server& edge);
  /// From now on /readyz says no.
  void drain() { draining_ = true; }
  const routes& table() const { return routes_; }
  /// The OpenAPI 3.1 document of the table.
  const std::string& openapi() const { return openapi_; }
  /// The AsyncAPI 3.0 document of the events.
  const std::string& asyncapi() const { return asyncapi_; }

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
  bool lets_in(exchange& x);
  void refuse(exchange& x, http::responder respond);
  void dispatch(const std::shared_ptr<exchange>& x, http::responder respond);
  void end(exchange& x, http::responder& respond, std::optional<http::response> r,
           const std::exception_ptr& error);
  void prepare(exchange& x);
  void read_idempotency(exchange& x);
  void release(exchange& x);
  void finish(exchange& x, http::responder& respond, http::response r, const http::problem* failed);

  front_context context_;
  std::shared_ptr<front_metrics> metrics_;
  std::unique_ptr<security_log> security_;
  std::shared_ptr<revocations> revoked_;
  std::shared_ptr<revocation_follower> follower_;
  std::unique_ptr<admission> entrance_;
  std::unique_ptr<edge_metrics> edges_;
  std::unique_ptr<client_limits> limits_;
  std::unique_ptr<compression> compression_;
  std::unique_ptr<own_writes> writes_;
  std::shared_ptr<capability_watch> capabilities_;
  std::atomic<bool> draining_{false};
  std::string admin_routes_;  ///< http.admin_routes
  routes routes_;
  std::string openapi_;
  std::string asyncapi_;
  std::vector<std::shared_ptr<kernel::port>> ports_;
  std::unique_ptr<in_flight_keys> keys_;
};

/// Tells who asks by the Authorization field: fills context.who or order_token. Fails with 401 for
/// a token that is not valid unless the route ignores those, 401/403 when the route wants more than
/// the caller is. Where this node
/// cannot tell whether the token's session has ended, it leaves that to check_session_first.
void authenticate(exchange& x);

/// True when the request shows an access token that is valid now, of any user.
bool shows_valid_token(const http::request& r, const token::token_keys& keys);

/// Asks the user service whether the session of the caller's token goes on: before something is
/// stored for a user whose account may have been deleted at another node this moment. Fails with
/// 401 when it has ended, 503 when that cannot be found out. Always true.
task<bool> confirm_session(exchange& x);

/// After what ends sessions: waits until this node refuses their access tokens. Always true.
task<bool> sessions_ended(exchange& x);

/// Confirms the session, then runs the route.
task<http::response> check_session_first(exchange& x);

}  // namespace stoa::front
