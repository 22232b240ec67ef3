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

  http::handler handler();
  const routes& table() const { return routes_; }
  /// The OpenAPI 3.1 document of the table.
  const std::string& openapi() const { return openapi_; }
  /// The AsyncAPI 3.0 document of the events.
  const std::string& asyncapi() const { return asyncapi_; }

 private:
  struct in_flight_keys;
  void handle(std::shared_ptr<http::request> r, http::responder respond, std::size_t thread);
  bool lets_in(exchange& x);
  void refuse(exchange& x, http::responder respond);
  void dispatch(const std::shared_ptr<exchange>& x, http::responder respond);
  void prepare(exchange& x);
  void read_idempotency(exchange& x);
  void finish(const std::shared_ptr<exchange>& x, http::responder respond, http::response r,
              const problem* failed);

  front_context context_;
  std::unique_ptr<front_metrics> metrics_;
  std::unique_ptr<admission> entrance_;
  std::unique_ptr<client_limits> limits_;
  routes routes_;
  std::string openapi_;
  std::string asyncapi_;
  std::vector<std::shared_ptr<kernel::port>> ports_;
  std::unique_ptr<in_flight_keys> keys_;
};

/// Tells who asks by the Authorization field: fills context.who or order_token. Fails with 401 for
/// a token that is not valid, 401/403 when the route wants more than the caller is.
void authenticate(exchange& x);

}  // namespace stoa::front
