// The program for operators: starting, stopping, settings, overload, metrics, memory.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

std::int64_t ms_since(steady_clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count();
}

/// A checkout that still waits for the gateway when the function returns.
struct slow_checkout {
  slow_checkout(storefront& shop, std::string key) {
    visitor v(shop.port());
    const auto cart = v.cart_with(v.goods().front().id, 1);
    const auto root = v.log_in("root");
    waits = std::thread([this, port = shop.port(), cart, key = std::move(key)] {
      visitor own(port);
      try {
        answer = own.checkout(cart, {.token = "tok_timeoutPaid"}, {{"Prefer", "wait=20"}}, key);
      } catch (const http_failure&) {
        answer.status = 0;
      }
    });
    const bool is_running = eventually([&] {
      return size_at(v.client.get("/admin/v1/orders?status=Pending", root).json(), "/data") == 1;
    });
    BOOST_TEST(is_running);
  }
  ~slow_checkout() { join(); }
  void join() {
    if (waits.joinable()) waits.join();
  }
  std::thread waits;
  http_answer answer;
};

std::string sample(const std::string& metrics, const std::string& name) {
  const auto found = metrics.find("\n" + name);
  if (found == std::string::npos) return {};
  const auto end = metrics.find('\n', found + 1);
  const auto line = metrics.substr(found + 1, end - found - 1);
  return line.substr(line.rfind(' ') + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)

BOOST_AUTO_TEST_CASE(a_signal_drains) {
  storefront shop(
      {.settings = {{"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "1500"}, {"STOA_LOG_FORMAT", "json"}}});
  slow_checkout running(shop, "drained");
  const auto ended = shop.process().stop();
  running.join();
  BOOST_TEST(ended.value_or(-1) == 0);
  BOOST_TEST(running.answer.status == 201, running.answer.status << " " << running.answer.body);
  BOOST_TEST(shop.log().find("\"stopped\"") != std::string::npos);
  BOOST_CHECK_THROW(visitor(shop.port()).client.get("/livez"), http_failure);
  shop.process().start();
  visitor v(shop.port());
  const auto orders = v.client.get("/admin/v1/orders", v.log_in("root")).json();
  BOOST_TEST(size_at(orders, "/data") == 1);
  BOOST_TEST(text_at(orders, "/data/0/status") == "Confirmed");
}

BOOST_AUTO_TEST_CASE(a_second_signal_forces) {
  storefront shop({.settings = {{"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "9000"}}});
  slow_checkout running(shop, "forced");
  const auto begin = steady_clock::now();
  ::kill(shop.process().pid(), SIGTERM);
  std::this_thread::sleep_for(milliseconds{500});
  BOOST_TEST(shop.process().running());
  const auto ended = shop.process().stop();
  BOOST_TEST(ended.value_or(0) == 130);
  BOOST_TEST(ms_since(begin) < 6000);
  running.join();
  BOOST_TEST(running.answer.status == 0);
  shop.process().start();  // The order is still there.
  visitor v(shop.port());
  const auto root = v.log_in("root");
  BOOST_TEST(eventually([&] {
    const auto orders = v.client.get("/admin/v1/orders", root).json();
    return size_at(orders, "/data") == 1 && text_at(orders, "/data/0/status") == "Confirmed";
  }));
}

BOOST_AUTO_TEST_CASE(one_process_a_data_directory) {
  storefront shop({.products = 5});
  const auto data = shop.data().string();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"serve", "--data", data, "--listen", "127.0.0.1:0"},
        std::vector<std::string>{"demo", "--data", data, "--products", "1"},
        std::vector<std::string>{"migrate", "--data", data}}) {
    const auto second = run_program(stoa_binary(), words);
    BOOST_TEST(second.exit_code == 1, words[0]);
    BOOST_TEST(second.output.find(data) != std::string::npos, second.output);
    BOOST_TEST(second.output.find("in use by process " + std::to_string(shop.process().pid())) !=
                   std::string::npos,
               second.output);
  }
  const temp_dir other;
  const auto taken =
      run_program(stoa_binary(), {"serve", "--data", (other / "d").string(), "--listen",
                                  "127.0.0.1:" + std::to_string(shop.port())});
  BOOST_TEST(taken.exit_code == 1);
  BOOST_TEST(taken.output.find("cannot listen") != std::string::npos, taken.output);
}

BOOST_AUTO_TEST_CASE(bad_settings_are_named) {
  const temp_dir dir;
  const auto data = (dir / "data").string();
  const auto file = dir / "stoa.conf";
  std::ofstream(file) << "[relay]\nretry_ms_min = soon\n";
  struct bad {
    std::vector<std::string> arguments;
    environment settings;
    std::vector<std::string> named;
  };
  const bad all[] = {{{}, {{"STOA_ACTORS_BATCH_MAX", "0"}}, {"actors.batch_max", "0", "1"}},
                     {{}, {{"STOA_HTTP_BODY_BYTES_MAX", "many"}}, {"http.body_bytes_max", "many"}},
                     {{}, {{"STOA_LOG_LEVEL", "loud"}}, {"log.level", "loud", "info"}},
                     {{"--listen", "nowhere"}, {}, {"http.listen", "nowhere"}},
                     {{"--listen", "127.0.0.1:99999"}, {}, {"http.listen", "99999"}},
                     {{}, {{"STOA_HTPP_LISTEN", "1"}}, {"STOA_HTPP_LISTEN", "STOA_HTTP_LISTEN?"}},
                     {{"--config", file.string()}, {}, {"relay.retry_ms_min", "soon"}},
                     {{"--config", (dir / "missing.conf").string()}, {}, {"missing.conf"}}};
  for (const auto& b : all) {
    std::vector<std::string> words{"serve", "--data", data};
    words.insert(words.end(), b.arguments.begin(), b.arguments.end());
    const auto done = run_program(stoa_binary(), words, b.settings, std::chrono::seconds{10});
    BOOST_TEST(done.exit_code == 2, done.output);
    for (const auto& name : b.named) {
      BOOST_TEST(done.output.find(name) != std::string::npos, name << ": " << done.output);
    }
  }
  BOOST_TEST(run_program(stoa_binary(), {"serve", "--nonsense"}).exit_code == 2);
  BOOST_TEST(run_program(stoa_binary(), {"sing"}).exit_code == 2);
  BOOST_TEST(!std::filesystem::exists(data));
}

BOOST_AUTO_TEST_CASE(it_starts_quickly_and_idles_small) {
  storefront shop({.products = 200});
  std::int64_t best = 1'000'000;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(shop.process().stop().value_or(-1) == 0);
    const auto begin = steady_clock::now();
    shop.process().launch();
    std::int64_t took = 0;
    while (took == 0 && ms_since(begin) < 20'000) {
      try {
        if (visitor(shop.port()).client.get("/store/v1/products?limit=1").status == 200) {
          took = ms_since(begin);
        }
      } catch (const http_failure&) {
        std::this_thread::sleep_for(milliseconds{2});
      }
    }
    best = std::min(best, took == 0 ? 20'000 : took);
  }
  // Right after the first answer the start's own work still ends.
  std::int64_t memory = 0;
  const auto is_small = [&] {
    memory = shop.process().memory_kb();
    return memory < 60 * 1024;
  };
  eventually(is_small, milliseconds{10'000});
  BOOST_TEST_MESSAGE("from start to first answer: " << best << " ms; idle memory: " << memory / 1024
                                                    << " MB");
  // The target is 300 ms on an idle machine; tests run on busier ones.
  BOOST_TEST(best < 1500);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  BOOST_TEST(memory > 0);
  BOOST_TEST(memory < 60 * 1024);
#endif
}

BOOST_AUTO_TEST_CASE(too_much_is_refused_at_once) {
  storefront shop({.settings = {{"STOA_ACTORS_REQUESTS_IN_FLIGHT_MAX", "1"}}});
  std::atomic<int> good{0};
  std::atomic<int> full{0};
  std::atomic<int> other{0};
  std::atomic<std::int64_t> longest_ms{0};
  std::vector<std::thread> crowd;
  crowd.reserve(32);
  for (int i = 0; i < 32; ++i) {
    crowd.emplace_back([&] {
      visitor v(shop.port());
      for (int n = 0; n < 50; ++n) {
        const auto begin = steady_clock::now();
        const auto a = v.client.post("/store/v1/carts", "");
        const bool refused = a.status == 503 && a.code() == "overloaded" &&
                             a.header("Retry-After") == "1" &&
                             a.header("Content-Type") == "application/problem+json";
        ++(a.status == 201 ? good : refused ? full : other);
        if (refused) longest_ms = std::max(longest_ms.load(), ms_since(begin));
      }
    });
  }
  for (auto& t : crowd) t.join();
  BOOST_TEST_MESSAGE(good << " carts, " << full << " refused, the slowest refusal after "
                          << longest_ms << " ms");
  BOOST_TEST(other == 0);
  BOOST_TEST(good > 0);
  BOOST_TEST(full > 0);
  BOOST_TEST(longest_ms < 2000);
  visitor v(shop.port());
  BOOST_TEST(v.client.post("/store/v1/carts", "").status == 201);  // It recovers.
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(!sample(metrics, "stoa_overloaded_total{service=\"cart\"}").empty());
}

BOOST_AUTO_TEST_CASE(health_and_metrics) {
  storefront shop;
  visitor v(shop.port());
  BOOST_TEST(text_at(v.client.get("/livez").json(), "/status") == "live");
  const auto ready = v.client.get("/readyz").json();
  BOOST_TEST(text_at(ready, "/status") == "ready");
  BOOST_TEST(size_at(ready, "/services") == 7);
  const auto product = v.goods().front().id;
  v.bought(product);
  BOOST_TEST(
      v.checkout(v.cart_with(product, 1), {.token = "tok_chargeDeclined"}, {{"Prefer", "wait=20"}})
          .status == 402);
  v.client.get("/store/v1/products/" + product);
  const auto answer = v.client.get("/metrics");
  BOOST_TEST(answer.header("Content-Type").starts_with("text/plain; version=0.0.4"));
  const auto& all = answer.body;
  for (const auto* family :
       {"stoa_http_requests_total counter", "stoa_http_request_duration_seconds histogram",
        "stoa_batch_messages histogram", "stoa_commit_duration_seconds histogram",
        "stoa_mailbox_depth gauge", "stoa_outbox_lag_seconds gauge", "stoa_purchases_total counter",
        "stoa_requests_in_flight gauge", "stoa_http_requests_in_flight gauge",
        "stoa_http_requests_in_flight_limit gauge", "stoa_http_requests_rejected_total counter"}) {
    BOOST_TEST(all.find("# TYPE " + std::string(family)) != std::string::npos, family);
  }
  BOOST_TEST(sample(all, "stoa_purchases_total{outcome=\"confirmed\"}") == "1");
  BOOST_TEST(sample(all, "stoa_purchases_total{outcome=\"declined\"}") == "1");
  BOOST_TEST(all.find("route=\"/store/v1/products/{product_id}\"") != std::string::npos);
  BOOST_TEST(all.find(product) == std::string::npos);  // Labels per product would be unbounded.
  for (const auto* service : {"user", "catalog", "cart", "order", "payment", "notification"}) {
    const auto label = "{service=\"" + std::string(service) + "\"}";
    BOOST_TEST(!sample(all, "stoa_mailbox_depth" + label).empty(), service);
    BOOST_TEST(!sample(all, "stoa_outbox_lag_seconds" + label).empty(), service);
  }
  for (const auto* service : {"catalog", "cart", "order", "payment", "notification"}) {
    const auto label = "{service=\"" + std::string(service) + "\"}";
    BOOST_TEST(!sample(all, "stoa_commit_duration_seconds_count" + label).empty(), service);
  }
}

BOOST_AUTO_TEST_SUITE_END()
