// What one client, and all clients together, may use of the server: connections and bodies.
#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_echo = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_hold = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";

using clients = std::vector<std::unique_ptr<raw_client>>;

/// Waits until f() is true, at most five seconds.
template <class F>
bool eventually(F f) {
  for (int i = 0; i < 1000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return f();
}

clients connect(std::uint16_t port, int count, const char* from) {
  clients all;
  for (int i = 0; i < count; ++i) all.push_back(std::make_unique<raw_client>(port, from));
  return all;
}

/// The number of clock seconds since then, including the first and the present one.
std::size_t seconds_begun_since(std::chrono::steady_clock::time_point begin) {
  const auto passed = std::chrono::steady_clock::now() - begin;
  return static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(passed).count() +
                                  2);
}

std::string post(std::string_view path, std::size_t length, std::string_view body = {}) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
         std::string(body);
}

/// A limit in the path: /echo/100 accepts bodies of 100 bytes; /echo/full rejects.
http::result<std::size_t> limit_in_path(const http::request& r, std::size_t bytes_max) {
  if (r.path == "/echo/full") {
    return http::problem{
        503, "overloaded", "Not now, with " + std::to_string(bytes_max) + " bytes.", {}};
  }
  return {boost::system::in_place_value, std::stoul(r.path.substr(r.path.rfind('/') + 1))};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_limits)

BOOST_AUTO_TEST_CASE(one_address_has_a_limit_and_others_go_on) {
  steered_server server({.io_threads = 2, .connections_per_address_max = 5});
  auto greedy = connect(server.port(), 5, "127.0.0.2");
  for (auto& c : greedy) {
    c->send(get_echo);
    BOOST_TEST(c->read().status == 200);
  }
  for (int i = 0; i < 3; ++i) {
    raw_client one_more(server.port(), "127.0.0.2");
    one_more.send(get_echo);
    const auto answer = one_more.read();
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(answer.has("\"code\":\"too_many_connections\""));
    BOOST_TEST(answer.field("Retry-After") == "1");
    BOOST_TEST(one_more.closed());
  }
  raw_client other(server.port(), "127.0.0.3");
  other.send(get_echo);
  BOOST_TEST(other.read().status == 200);
  const auto counters = server->counters();
  BOOST_TEST(counters.connections_refused_by_address == 3U);
  BOOST_TEST(counters.connections_refused == 0U);
  BOOST_TEST(counters.clients_connected == 2U);
  // Its open connections are served, and a closed one may be replaced.
  greedy.pop_back();
  BOOST_TEST(eventually([&] {
    raw_client again(server.port(), "127.0.0.2");
    again.send(get_echo);
    return again.read().status == 200;
  }));
  for (auto& c : greedy) {
    c->send(get_echo);
    BOOST_TEST(c->read().status == 200);
  }
  other.close();
  greedy.clear();
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().clients_connected == 0U);
}

BOOST_AUTO_TEST_CASE(a_flood_from_one_address_leaves_room) {
  steered_server server(
      {.io_threads = 2, .connections_max = 400, .connections_per_address_max = 50});
  auto flood = connect(server.port(), 600, "127.0.0.2");
  raw_client honest(server.port(), "127.0.0.3");
  honest.send(get_echo);
  BOOST_TEST(honest.read().status == 200);
  BOOST_TEST(eventually([&] { return server->counters().connections_refused_by_address == 550U; }));
  BOOST_TEST(server->counters().connections_closed_idle == 0U);
  // Most of them were closed without an answer; at most one queue of answers was sent.
  BOOST_TEST(eventually([&] { return server->counters().connections_open <= 51; }));
}

BOOST_AUTO_TEST_CASE(exempt_addresses_and_trusted_proxies_have_no_limit) {
  steered_server server({.connections_per_address_max = 2,
                         .addresses = {.trusted_proxies = {*ip_network::parse("127.0.0.9")},
                                       .exempt = {*ip_network::parse("127.0.0.8/31")}}});
  for (const auto* from : {"127.0.0.8", "127.0.0.9"}) {
    auto many = connect(server.port(), 10, from);
    for (auto& c : many) {
      c->send(get_echo);
      BOOST_TEST(c->read().status == 200);
    }
  }
  BOOST_TEST(server->counters().connections_refused_by_address == 0U);
}

BOOST_AUTO_TEST_CASE(behind_a_proxy_the_limit_counts_its_clients) {
  steered_server server({.connections_per_address_max = 2,
                         .addresses = {.trusted_proxies = {*ip_network::parse("127.0.0.9")},
                                       .proxy_protocol = true}});
  clients open;
  const auto ask = [&](const std::string& client) {
    open.push_back(std::make_unique<raw_client>(server.port(), "127.0.0.9"));
    const std::string family = client.find(':') == client.npos ? "TCP4 " : "TCP6 ";
    const std::string to = client.find(':') == client.npos ? " 192.0.2.99" : " 2001:db8::99";
    open.back()->send("PROXY " + family + client + to + " 1 2\r\n" + std::string(get_echo));
    return open.back()->read().status;
  };
  for (const auto* one : {"192.0.2.1", "192.0.2.2"}) {
    BOOST_TEST(ask(one) == 200);
    BOOST_TEST(ask(one) == 200);
    BOOST_TEST(ask(one) == 429);
  }
  // IPv6 addresses count by network.
  BOOST_TEST(ask("2001:db8:0:1::1") == 200);
  BOOST_TEST(ask("2001:db8:0:1::2") == 200);
  BOOST_TEST(ask("2001:db8:0:1:ffff::3") == 429);
  BOOST_TEST(ask("2001:db8:0:2::1") == 200);
}

BOOST_AUTO_TEST_CASE(the_longest_idle_are_closed_for_new_clients) {
  steered_server server({.connections_max = 20});
  clients idle;
  for (int i = 0; i < 18; ++i) {
    idle.push_back(std::make_unique<raw_client>(server.port()));
    idle.back()->send(get_echo);
    BOOST_TEST(idle.back()->read().status == 200);
  }
  raw_client busy(server.port());
  busy.send(get_hold);
  BOOST_REQUIRE(server.wait_until_held(1));
  // 19 are open, one more than nine tenths: each new one closes the longest idle one.
  clients fresh;
  for (int i = 0; i < 10; ++i) {
    fresh.push_back(std::make_unique<raw_client>(server.port()));
    fresh.back()->send(get_echo);
    BOOST_TEST(fresh.back()->read().status == 200);
  }
  for (std::size_t i = 0; i < 10; ++i) BOOST_TEST(idle[i]->closed(), i);
  idle.back()->send(get_echo);
  BOOST_TEST(idle.back()->read().status == 200);
  server.release();
  BOOST_TEST(busy.read().body == "released");
  BOOST_TEST(server->counters().connections_refused == 0U);
  BOOST_TEST(server->counters().connections_closed_idle >= 10U);
}

BOOST_AUTO_TEST_CASE(slow_senders_are_closed_when_none_is_idle) {
  steered_server server({.connections_max = 10, .timeouts = {.header = 60s, .body = 60s}});
  // Nine are below the threshold: none is closed as idle before its first byte has been read.
  clients slow;
  std::size_t sent = 0;
  for (int i = 0; i < 9; ++i) {
    const auto part = i % 2 == 0 ? "GET /echo HTTP/1.1\r\n" : post("/echo", 10, "half");
    slow.push_back(std::make_unique<raw_client>(server.port()));
    slow.back()->send(part);
    sent += part.size();
    BOOST_REQUIRE(eventually([&] { return server->counters().bytes_in == sent; }));
  }
  // A new client is rejected while all others have just begun, and closed as idle when its request
  // is late. With nine open one more is accepted.
  clients honest;
  BOOST_REQUIRE(eventually([&] {
    honest.push_back(std::make_unique<raw_client>(server.port()));
    honest.back()->send(get_hold);
    const auto before = server.held();
    for (int i = 0; i < 20 && server.held() == before; ++i) std::this_thread::sleep_for(5ms);
    return server.held() >= 3;
  }));
  // The first ones, because they have been slow for longest.
  BOOST_TEST(slow[0]->closed());
  BOOST_TEST(slow[1]->closed());
  BOOST_TEST(server->counters().connections_closed_idle >= 2U);
}

BOOST_AUTO_TEST_CASE(a_body_has_the_limit_of_its_request) {
  steered_server server({.on_body = limit_in_path});
  BOOST_TEST(server.ask(post("/echo/100", 100, std::string(100, 'b'))).status == 200);
  raw_client large(server.port());
  large.send(post("/echo/100", 101));
  const auto answer = large.read();  // Before a byte of the body has been sent.
  BOOST_TEST(answer.status == 413);
  BOOST_TEST(answer.has("\"code\":\"body_too_large\""));
  BOOST_TEST(answer.has("larger than 100 bytes"));
  BOOST_TEST(answer.field("Connection") == "close");
  BOOST_TEST(server.ask(post("/echo/0", 1, "x")).has("does not accept a body"));
  // Chunks are counted.
  const std::string chunked =
      "POST /echo/100 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  BOOST_TEST(server.ask(chunked + "64\r\n" + std::string(100, 'b') + "\r\n0\r\n\r\n").status ==
             200);
  BOOST_TEST(server.ask(chunked + "64\r\n" + std::string(100, 'b') + "\r\n1\r\nb\r\n").status ==
             413);
  // The general body limit is higher.
  BOOST_TEST(server.ask(post("/echo/9999999", 1'048'577)).has("larger than 1048576 bytes"));
  raw_client refused(server.port());
  refused.send(post("/echo/full", 5000));
  BOOST_TEST(refused.read().has("with 5000 bytes"));
  // Without a body the limit is not evaluated.
  BOOST_TEST(server.ask("GET /echo/full HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  BOOST_TEST(server.ask(post("/echo/full", 0)).status == 200);
}

BOOST_AUTO_TEST_CASE(unfinished_bodies_have_a_budget) {
  constexpr std::size_t budget = 1 << 20;
  steered_server server({.io_threads = 2, .unfinished_bodies_bytes_max = budget});
  clients greedy;
  const std::string most(200'000, 'b');
  for (int i = 0; i < 20; ++i) {
    greedy.push_back(std::make_unique<raw_client>(server.port()));
    greedy.back()->send(post("/echo", most.size() + 1, most));
  }
  // The budget allows five of them.
  BOOST_TEST(eventually([&] { return server->counters().bodies_refused >= 15; }));
  BOOST_TEST(server->counters().body_bytes_held <= budget);
  int refused = 0;
  int waiting = 0;
  for (auto& c : greedy) {
    const auto answer = c->read(false, 500ms);
    if (answer.status == 0) ++waiting;
    if (answer.status == 0) continue;
    ++refused;
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.has("\"code\":\"overloaded\""));
    BOOST_TEST(answer.field("Retry-After") == "1");
  }
  BOOST_TEST(refused >= 15);
  BOOST_TEST(waiting > 0);
  // Requests without a body, or with a small one, are always served.
  BOOST_TEST(server.ask(get_echo).status == 200);
  BOOST_TEST(server.ask(post("/echo", 5, "hello")).body == "POST /echo||hello");
  // Those within the budget complete, and all of it is released.
  for (auto& c : greedy) c->send("e");
  greedy.clear();
  BOOST_TEST(eventually([&] { return server->counters().body_bytes_held == 0; }));
  BOOST_TEST(server.ask(post("/echo", most.size(), most)).status == 200);
}

BOOST_AUTO_TEST_CASE(what_a_client_announces_is_not_what_it_gets) {
  steered_server server({.io_threads = 2});
  clients announcing;
  for (int i = 0; i < 50; ++i) {
    announcing.push_back(std::make_unique<raw_client>(server.port()));
    announcing.back()->send(post("/echo", 1'000'000, "a"));
  }
  BOOST_TEST(eventually([&] { return server->counters().body_bytes_held > 0; }));
  std::this_thread::sleep_for(50ms);
  BOOST_TEST(server->counters().body_bytes_held < 50U * 2048);
  // Held until it has been answered.
  raw_client held(server.port());
  held.send(post("/hold", 300'000, std::string(300'000, 'h')));
  BOOST_REQUIRE(server.wait_until_held(1));
  announcing.clear();
  server.release();
  BOOST_TEST(held.read().status == 200);
  BOOST_TEST(eventually([&] { return server->counters().body_bytes_held == 0; }));
}

BOOST_AUTO_TEST_CASE(reached_limits_are_reported_once_a_second) {
  std::mutex mutex;
  std::vector<http::pressure> reported;
  http::server_config config{.connections_per_address_max = 1};
  config.on_pressure = [&](const http::pressure& p) {
    const std::lock_guard lock(mutex);
    reported.push_back(p);
  };
  steered_server server(std::move(config));
  const auto begin = std::chrono::steady_clock::now();
  auto greedy = connect(server.port(), 30, "127.0.0.2");
  const auto sum = [&] {
    const std::lock_guard lock(mutex);
    std::uint64_t refused = 0;
    for (const auto& p : reported) refused += p.connections_refused_by_address;
    return refused;
  };
  BOOST_TEST(eventually([&] { return sum() == 29; }));
  BOOST_TEST(reported.size() <= seconds_begun_since(begin));
}

BOOST_AUTO_TEST_CASE(refusals_are_reported_ten_times_a_second) {
  steered_server server;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) server.ask("GET / HTTP/1.1\r\n\r\n");
  const auto reported = server.refusals();
  BOOST_TEST(server->counters().requests_refused == 100U);
  BOOST_TEST(reported.size() >= 10U);
  BOOST_TEST(reported.size() <= 10 * seconds_begun_since(begin));
}

BOOST_AUTO_TEST_SUITE_END()
