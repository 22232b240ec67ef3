#pragma once
// Requests of the outbound client in tests, and their results.

#include "net/outbound/http_client.hpp"
#include "tests/support/fault_server.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <string>

namespace stoa::test {

using namespace std::chrono_literals;
using namespace outbound;
inline const std::string ok_response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

inline client_config loopback() {
  client_config c;
  c.allowed_networks = parse_networks({"127.0.0.0/8"});
  return c;
}

inline request get(std::string url) {
  request r;
  r.url = std::move(url);
  r.timeout = 5s;
  return r;
}

inline request post(std::string url, std::string body) {
  auto r = get(std::move(url));
  r.method = "POST";
  r.body = std::move(body);
  return r;
}

inline std::future<completion> start(http_client& client, request r) {
  auto promise = std::make_shared<std::promise<completion>>();
  auto future = promise->get_future();
  client.submit(std::move(r), [promise](completion c) { promise->set_value(std::move(c)); });
  return future;
}

inline completion end_of(std::future<completion> f) {
  BOOST_REQUIRE(f.wait_for(20s) == std::future_status::ready);
  return f.get();
}

inline completion ask(http_client& client, request r) {
  return end_of(start(client, std::move(r)));
}

/// Answers every request until the client closes.
inline void serve(fault_connection& c) {
  while (!c.read_request().empty()) c.send(ok_response);
}

/// A client and a server with that script.
inline completion ask_once(fault_server::script script,
                           const std::function<void(request&)>& change = {},
                           client_config config = loopback()) {
  fault_server server(std::move(script));
  http_client client(std::move(config));
  auto r = get(server.url());
  if (change) change(r);
  return ask(client, std::move(r));
}

inline fault_server::script answer(std::string bytes) {
  return [bytes = std::move(bytes)](fault_connection& c) {
    c.read_request();
    c.send(bytes);
  };
}

inline void check_end(const completion& c, outcome how, bool sent) {
  BOOST_TEST(name_of(c.how) == name_of(how), c.detail);
  BOOST_TEST(c.may_have_been_sent == sent);
  BOOST_TEST(c.detail.empty() == (how == outcome::completed), c.detail);
}

}  // namespace stoa::test
