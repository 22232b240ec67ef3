// Slow and disappearing clients, too many of them, and the server's shutdown.
#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_echo = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_hold = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";

/// Waits until f() is true, at most five seconds.
template <class F>
bool eventually(F f) {
  for (int i = 0; i < 1000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return f();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_lifecycle)

BOOST_AUTO_TEST_CASE(a_head_that_trickles_is_cut_off) {
  steered_server server({.timeouts = {.header = 150ms}});
  raw_client client(server.port());
  const auto begun = std::chrono::steady_clock::now();
  std::jthread trickle([&](const std::stop_token& stop) {
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    while (!stop.stop_requested()) {
      client.send("X: y\r\n");
      std::this_thread::sleep_for(20ms);
    }
  });
  const auto answer = client.read();
  const auto took = std::chrono::steady_clock::now() - begun;
  trickle.request_stop();
  trickle.join();
  BOOST_TEST(answer.status == 408);
  BOOST_TEST(answer.field("Connection") == "close");
  BOOST_TEST(took >= 150ms);
  BOOST_TEST(took < 8s);
}

BOOST_AUTO_TEST_CASE(a_body_that_does_not_come_is_cut_off) {
  steered_server server({.timeouts = {.body = 100ms}});
  for (const std::string fields : {"Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"}) {
    raw_client client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n5");
    const auto answer = client.read();
    BOOST_TEST(answer.status == 408);
    BOOST_TEST(answer.has("request_timeout"));
  }
  raw_client waiting(server.port());
  waiting.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  BOOST_TEST(waiting.read().status == 100);
  BOOST_TEST(waiting.read().status == 408);
}

BOOST_AUTO_TEST_CASE(idle_connections_are_closed_without_a_word) {
  steered_server server({.timeouts = {.header = 100ms, .idle = 100ms}});
  raw_client silent(server.port());
  BOOST_TEST(silent.closed());
  raw_client used(server.port());
  used.send(get_echo);
  BOOST_TEST(used.read().status == 200);
  BOOST_TEST(used.closed());
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
}

BOOST_AUTO_TEST_CASE(a_late_server_serves_the_requests_that_arrived_in_time) {
  // More connections than one turn of the server's loop serves.
  constexpr int count = 400;
  steered_server server({.timeouts = {.header = 150ms, .idle = 150ms}});
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < count; ++i) clients.push_back(std::make_unique<raw_client>(server.port()));
  BOOST_TEST(eventually([&] { return server->counters().connections_open == count; }));
  raw_client busy(server.port());
  busy.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  for (auto& c : clients) c->send(get_echo);
  int served = 0;
  for (auto& c : clients) served += c->read().status == 200 ? 1 : 0;
  BOOST_TEST(served == count);
  BOOST_TEST(busy.read().status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_off) {
  steered_server server({.write_bytes_per_second_min = 1 << 30, .timeouts = {.write = 100ms}});
  raw_client client(server.port());
  // Both sides' socket buffers hold a few of these 40 MiB, never all.
  for (int i = 0; i < 10; ++i) client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(eventually([&] { return server->counters().requests_total > 0; }));
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().requests_total < 10U);
}

BOOST_AUTO_TEST_CASE(a_handler_may_close_the_connection_without_a_response) {
  steered_server server;
  raw_client client(server.port());
  client.send("GET /hang-up HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.closed());
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().requests_in_flight == 0U);
  BOOST_TEST(server->counters().bytes_out == 0U);
  BOOST_TEST(server.ask(get_echo).status == 200);
}

BOOST_AUTO_TEST_CASE(a_handler_that_takes_too_long_is_answered_for) {
  steered_server server({.timeouts = {.handler = 100ms}});
  raw_client client(server.port());
  client.send(get_hold);
  const auto answer = client.read();
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.has("handler_timeout"));
  BOOST_TEST(answer.field("Retry-After") == "1");
  BOOST_TEST(server.held() == 1U);
  BOOST_TEST(client.closed());
  client.close();
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  const auto bytes_out = server->counters().bytes_out;
  server.release();  // Too late: it is discarded.
  BOOST_TEST(server.ask(get_echo).status == 200);
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().bytes_out - bytes_out < 300U);
  BOOST_TEST(server->counters().handler_timeouts == 1U);
  BOOST_TEST(server->counters().requests_in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(clients_that_vanish_do_no_harm) {
  steered_server server({.io_threads = 2});
  for (int i = 0; i < 20; ++i) {
    raw_client held(server.port());
    held.send(get_hold);
    BOOST_REQUIRE(server.wait_until_held(1));
    if (i % 2 == 0) {
      held.reset();
    } else {
      held.close();
    }
    server.release();
    raw_client half(server.port());
    half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    half.reset();
    raw_client large(server.port());
    large.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    large.reset();
  }
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().requests_in_flight == 0U);
  BOOST_TEST(server.ask(get_echo).status == 200);
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_clients_get_503) {
  steered_server server({.io_threads = 2, .connections_max = 3});
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.port()));
    clients.back()->send(get_hold);  // Idle ones would be closed for a new one.
  }
  BOOST_REQUIRE(server.wait_until_held(3));
  raw_client one_more(server.port());
  one_more.send(get_echo);
  const auto answer = one_more.read();
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.has("too_many_connections"));
  BOOST_TEST(answer.field("Retry-After") == "1");
  one_more.close();
  BOOST_TEST(server->counters().connections_refused == 1U);

  server.release();
  for (auto& c : clients) BOOST_TEST(c->read().status == 200);
  clients.pop_back();
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 2; }));
  BOOST_TEST(server.ask(get_echo).status == 200);
}

BOOST_AUTO_TEST_CASE(a_drain_finishes_what_has_begun) {
  steered_server server({.io_threads = 2});
  raw_client idle(server.port());
  idle.send(get_echo);
  BOOST_TEST(idle.read().status == 200);
  raw_client half(server.port());
  half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh");
  raw_client busy(server.port());
  busy.send(get_hold);
  BOOST_REQUIRE(server.wait_until_held(1));
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 3; }));

  bool drained = false;
  std::jthread drainer([&] { drained = server->drain(10s); });
  BOOST_TEST(idle.closed());
  BOOST_CHECK_THROW(raw_client late(server.port()), boost::system::system_error);
  half.send("i");
  const auto finished = half.read();
  BOOST_TEST(finished.body == "POST /echo||hi");
  BOOST_TEST(finished.field("Connection") == "close");
  server.release();
  const auto answer = busy.read();
  BOOST_TEST(answer.body == "released");
  BOOST_TEST(answer.field("Connection") == "close");
  half.close();
  busy.close();
  drainer.join();
  BOOST_TEST(drained);
  BOOST_TEST(server->counters().connections_open == 0U);
}

BOOST_AUTO_TEST_CASE(a_drain_has_a_limit) {
  steered_server server;
  raw_client busy(server.port());
  busy.send(get_hold);
  BOOST_REQUIRE(server.wait_until_held(1));
  BOOST_TEST(!server->drain(50ms));
  server->stop();
  BOOST_TEST(busy.closed());
}

BOOST_AUTO_TEST_CASE(a_responder_may_outlive_the_server) {
  http::responder late;
  {
    http::server server({.io_threads = 2});
    std::atomic<bool> taken{false};
    const auto port =
        server.start([&](std::shared_ptr<http::request>, http::responder r, std::size_t) {
          late = std::move(r);
          taken = true;
        });
    raw_client client(port.value());
    client.send(get_hold);
    BOOST_REQUIRE(eventually([&] { return taken.load(); }));
  }
  late({.body = "discarded"});
}

BOOST_AUTO_TEST_CASE(answers_come_from_many_threads) {
  steered_server server({.io_threads = 2});
  std::atomic<bool> done{false};
  std::vector<std::jthread> releasers;
  for (int i = 0; i < 3; ++i) {
    releasers.emplace_back([&] {
      while (!done) {
        server.release();
        std::this_thread::yield();
      }
    });
  }
  std::vector<std::jthread> askers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      raw_client client(server.port());
      for (int n = 0; n < 200; ++n) {
        client.send(get_hold);
        if (client.read().body == "released") ++answered;
      }
    });
  }
  askers.clear();
  done = true;
  BOOST_TEST(answered == 800);
}

BOOST_AUTO_TEST_CASE(without_file_descriptors_it_waits_and_recovers) {
  steered_server server;
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(client >= 0);
  rlimit before{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);

  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server.port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = ::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  const bool noticed = eventually([&] { return server->counters().accept_errors > 0; });
  std::this_thread::sleep_for(400ms);
  const auto errors = server->counters().accept_errors;
  ::setrlimit(RLIMIT_NOFILE, &before);

  BOOST_TEST(connected);
  BOOST_TEST(noticed);
  BOOST_TEST(errors < 10U);  // One attempt per 100 ms, no busy loop.
  BOOST_TEST(::send(client, get_echo.data(), get_echo.size(), MSG_NOSIGNAL) > 0);
  std::array<char, 16> answer{};
  BOOST_TEST(::recv(client, answer.data(), 15, 0) == 15);
  BOOST_TEST(std::string(answer.data()) == "HTTP/1.1 200 OK");
  ::close(client);
}

BOOST_AUTO_TEST_CASE(a_taken_port_or_a_bad_address_is_an_error) {
  steered_server first;
  const auto nothing = [](std::shared_ptr<http::request>, http::responder, std::size_t) {};
  http::server second({.port = first.port()});
  const auto taken = second.start(nothing);
  BOOST_REQUIRE(taken.has_error());
  BOOST_TEST(taken.error().code == "listen_failed");
  BOOST_TEST(taken.error().detail.find(std::to_string(first.port())) != std::string::npos);
  http::server third({.address = "no-address"});
  BOOST_TEST(third.start(nothing).has_error());
  third.stop();
  BOOST_TEST(second.drain(1ms));
}

BOOST_AUTO_TEST_SUITE_END()
