// The outbound HTTP client: requests, policies, the queue, cancellation, metrics.

#include "net/outbound/address_policy.hpp"
#include "tests/support/outbound_requests.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>
#include <map>
#include <netdb.h>

using namespace stoa;
using namespace stoa::test;
using std::string;

/// Replaces the C library's function for libcurl, too: "slow.test" is resolved after six seconds,
/// all other names below .test are the loopback.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view asked = name != nullptr ? name : "";
  if (asked == "slow.test") std::this_thread::sleep_for(6s);
  if (asked == "none.test") return EAI_NONAME;
  return real(asked.ends_with(".test") ? "127.0.0.1" : name, service, hints, found);
}

namespace {

std::size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbound_client)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_made) {
  std::promise<string> seen;
  fault_server server([&](fault_connection& c) {
    seen.set_value(c.read_request());
    c.send("HTTP/1.1 201 Created here\r\nX-A: 1\r\nx-b:\r\nContent-Length: 4\r\n\r\nbody");
  });
  http_client client(loopback());
  auto r = post(server.url("/a/../b?q=%20"), "{}");
  r.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", "k"}, {"X-Empty", ""}};
  const auto c = ask(client, std::move(r));
  check_end(c, outcome::completed, true);
  BOOST_TEST(c.answer.status == 201);
  BOOST_TEST(c.answer.status_line == "HTTP/1.1 201 Created here");
  BOOST_TEST(c.answer.body == "body");
  BOOST_TEST(c.answer.header("x-A") == "1");
  BOOST_TEST(c.answer.header("X-B").empty());
  BOOST_TEST(seen.get_future().get() ==
             "POST /a/../b?q=%20 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                 "\r\nAccept: */*\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
                 "X-Empty:\r\nContent-Length: 2\r\n\r\n{}");
}

BOOST_AUTO_TEST_CASE(connections_are_used_again_also_after_errors) {
  fault_server server([](fault_connection& c) {
    for (auto r = c.read_request(); !r.empty(); r = c.read_request()) {
      if (r.starts_with("GET /bad")) return c.reset();
      c.send(ok_response);
    }
  });
  http_client client(loopback());
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(ask(client, post(server.url(), "x")).answer.body == "ok");
  }
  BOOST_TEST(server.connections() == 1);
  check_end(ask(client, get(server.url("/bad"))), outcome::connection_lost, true);
  for (int i = 0; i < 20; ++i) BOOST_TEST(ask(client, get(server.url())).answer.status == 200);
  BOOST_TEST(server.connections() <= 4);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_refused_before_it_is_queued) {
  auto config = loopback();
  config.allowed_hosts = {"api.example.com"};
  http_client client(config);
  const auto refused = [&](const request& r, outcome how) {
    auto f = start(client, r);
    BOOST_TEST((f.wait_for(0s) == std::future_status::ready), r.url);
    check_end(f.get(), how, false);
  };
  const auto invalid = outcome::invalid_request;
  for (const auto* url :
       {"", "/", "api.example.com", "ftp://api.example.com/", "file:///etc/passwd",
        "gopher://api.example.com/", "http://", "http://u:p@api.example.com/", "http://a b/",
        "http://api.example.com/\r\nX: y", "http://api.example.com:99999/", "http://\xc3\xa9/"}) {
    refused(get(url), invalid);
  }
  refused(get("http://api.example.com/" + string(9000, 'x')), invalid);
  for (const auto* url : {"https://evil.example/", "https://api.example.com.evil.example/",
                          "https://api.example.com@evil.example/", "http://127.0.0.1/"}) {
    auto f = start(client, get(url));
    const auto how = end_of(std::move(f)).how;
    BOOST_TEST((how == outcome::not_allowed || how == invalid), url);
  }
  auto r = get("https://api.example.com/");
  r.method = "GET /x HTTP/1.1\r\n";
  refused(r, invalid);
  for (const auto& [name, value] : header_list{{"X", "a\r\nY: b"},
                                               {"X", string("a\0b", 3)},
                                               {"X:", "a"},
                                               {"", "a"},
                                               {"Host", "evil.example"},
                                               {"content-length", "1"},
                                               {"Transfer-Encoding", "x"}}) {
    r = get("https://api.example.com/");
    r.headers = {{name, value}};
    refused(r, invalid);
  }
}

BOOST_AUTO_TEST_CASE(addresses_that_are_not_public_are_refused_at_the_connection) {
  for (const auto* a :
       {"0.0.0.0",     "10.1.2.3",      "100.64.0.1",      "127.0.0.1",       "169.254.169.254",
        "172.31.0.1",  "192.168.1.1",   "198.18.0.1",      "224.0.0.1",       "255.255.255.255",
        "::",          "::1",           "fe80::1",         "fd00::1",         "ff02::1",
        "2001:db8::1", "2002:7f00:1::", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "4000::1"}) {
    BOOST_TEST(!is_public(*ip_address::parse(a)), a);
  }
  for (const auto* a : {"1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::101:101",
                        "::ffff:1.1.1.1"}) {
    BOOST_TEST(is_public(*ip_address::parse(a)), a);
  }
  fault_server server(&serve);
  http_client client({});
  const auto port = ":" + std::to_string(server.port()) + "/";
  for (const auto* host : {"127.0.0.1", "rebound.test", "localhost", "2130706433", "0x7f.1", "0",
                           "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}) {
    const auto c = ask(client, get("http://" + string(host) + port));
    check_end(c, outcome::not_allowed, false);
  }
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(names_and_ports_that_are_not_there_are_errors) {
  std::uint16_t port = 0;
  { port = fault_server(&serve).port(); }
  http_client client(loopback());
  const auto c = ask(client, get("http://127.0.0.1:" + std::to_string(port) + "/secret"));
  check_end(c, outcome::unreachable, false);
  BOOST_TEST(c.detail.find("secret") == c.detail.npos);
  check_end(ask(client, get("http://none.test/")), outcome::unresolved, false);
}

BOOST_AUTO_TEST_CASE(a_slow_resolver_holds_up_nothing) {
  fault_server server(&serve);
  const auto begun = std::chrono::steady_clock::now();
  {
    http_client client(loopback());
    auto slow = get("http://slow.test/");
    slow.connect_timeout = 100ms;
    auto waiting = start(client, get("http://slow.test/"));
    check_end(ask(client, slow), outcome::timed_out, false);
    BOOST_TEST(ask(client, get(server.url())).answer.status == 200);
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 4s));
}

BOOST_AUTO_TEST_CASE(a_request_is_canceled_in_the_queue_and_in_flight) {
  fault_server server([](fault_connection& c) { c.wait_for_close(); });
  auto config = loopback();
  config.in_flight_max = 1;
  http_client client(config);
  std::vector<std::future<completion>> ends;
  std::vector<http_client::id> ids;
  for (int i = 0; i < 3; ++i) {
    auto promise = std::make_shared<std::promise<completion>>();
    ends.push_back(promise->get_future());
    ids.push_back(client.submit(get(server.url()),
                                [promise](completion c) { promise->set_value(std::move(c)); }));
  }
  client.cancel(ids[1]);
  check_end(end_of(std::move(ends[1])), outcome::canceled, false);
  while (server.connections() == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(50ms);
  client.cancel(ids[0]);
  check_end(end_of(std::move(ends[0])), outcome::canceled, true);
  client.cancel(ids[0]);
  client.cancel(12345);
  BOOST_TEST((ends[2].wait_for(0s) != std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_client_ends_its_requests) {
  fault_server server([](fault_connection& c) { c.wait_for_close(); });
  std::vector<std::future<completion>> ends;
  {
    auto config = loopback();
    config.in_flight_max = 2;
    http_client client(config);
    for (int i = 0; i < 10; ++i) ends.push_back(start(client, get(server.url())));
  }
  for (auto& e : ends) {
    BOOST_REQUIRE((e.wait_for(0s) == std::future_status::ready));
    BOOST_TEST(name_of(e.get().how) == name_of(outcome::canceled));
  }
}

BOOST_AUTO_TEST_CASE(the_queue_is_bounded_and_waits_end_at_the_deadline) {
  fault_server server([](fault_connection& c) { c.wait_for_close(); });
  auto config = loopback();
  config.in_flight_per_host_max = 1;
  config.queued_max = 5;
  config.queued_bytes_max = 100;
  http_client client(config);
  std::vector<std::future<completion>> ends;
  auto first = start(client, get(server.url()));
  while (server.connections() == 0) std::this_thread::sleep_for(1ms);
  auto large = start(client, post(server.url(), string(101, 'x')));
  check_end(end_of(std::move(large)), outcome::overloaded, false);
  for (int i = 0; i < 20; ++i) {
    auto r = get(server.url());
    r.timeout = 150ms;
    ends.push_back(start(client, r));
  }
  std::map<string, int> counts;
  for (auto& e : ends) {
    const auto c = end_of(std::move(e));
    BOOST_TEST(!c.may_have_been_sent);
    ++counts[string(name_of(c.how))];
  }
  BOOST_TEST(counts["overloaded"] == 15);
  BOOST_TEST(counts["timed_out"] == 5);
}

BOOST_AUTO_TEST_CASE(a_slow_host_does_not_hold_up_another) {
  fault_server stuck([](fault_connection& c) { c.wait_for_close(); });
  fault_server well(&serve);
  auto config = loopback();
  config.in_flight_max = 4;
  config.in_flight_per_host_max = 2;
  http_client client(config);
  std::vector<std::future<completion>> waiting;
  for (int i = 0; i < 50; ++i) waiting.push_back(start(client, get(stuck.url())));
  for (int i = 0; i < 10; ++i) BOOST_TEST(ask(client, get(well.url())).answer.status == 200);
  BOOST_TEST(stuck.connections() == 2);
}

BOOST_AUTO_TEST_CASE(many_at_once_need_few_files) {
  fault_server server(&serve);
  fault_server failing([](fault_connection& c) { c.reset(); });
  const auto before = open_files();
  {
    auto config = loopback();
    config.in_flight_max = 8;
    config.queued_max = 5000;
    http_client client(config);
    std::vector<std::future<completion>> ends;
    std::size_t most = 0;
    for (int i = 0; i < 4000; ++i) {
      ends.push_back(start(client, i % 40 == 7 ? get(failing.url()) : post(server.url(), "x")));
      if (i % 100 == 0) most = std::max(most, open_files());
    }
    std::size_t good = 0;
    for (auto& e : ends) good += end_of(std::move(e)).answer.status == 200 ? 1U : 0U;
    BOOST_TEST(good == 3900U);
    BOOST_TEST(server.connections() <= 120);
    // Both ends are in this process.
    BOOST_TEST(most <= before + 40);
  }
}

BOOST_AUTO_TEST_CASE(a_callback_may_submit_and_throw) {
  fault_server server(&serve);
  http_client client(loopback());
  std::promise<completion> second;
  client.submit(get(server.url()), [&](const completion&) {
    client.submit(get(server.url()), [&](completion c) { second.set_value(std::move(c)); });
    throw std::runtime_error("a fault of the caller");
  });
  BOOST_TEST(end_of(second.get_future()).answer.status == 200);
}

BOOST_AUTO_TEST_CASE(the_environment_is_ignored) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  const auto c = ask_once(&serve);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  check_end(c, outcome::completed, true);
}

BOOST_AUTO_TEST_CASE(metrics_count_requests_by_outcome) {
  prometheus::Registry registry;
  fault_server server(&serve);
  {
    auto config = loopback();
    config.name = "gateway";
    config.metrics = &registry;
    http_client client(config);
    for (int i = 0; i < 3; ++i) ask(client, get(server.url()));
    ask(client, get("ftp://a/"));
  }
  const auto text = prometheus::TextSerializer().Serialize(registry.Collect());
  for (const auto* line :
       {"stoa_outbound_requests_total{client=\"gateway\",outcome=\"completed\"} 3",
        "stoa_outbound_requests_total{client=\"gateway\",outcome=\"invalid_request\"} 1",
        "stoa_outbound_connections_opened_total{client=\"gateway\"} 1",
        "stoa_outbound_request_duration_seconds_count{client=\"gateway\"} 4",
        "stoa_outbound_requests_in_flight{client=\"gateway\"} 0",
        "stoa_outbound_requests_queued{client=\"gateway\"} 0"}) {
    BOOST_TEST(text.find(line) != text.npos, line << "\n" << text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
