// Limits that two programs share through Redis (limits.store=redis), and which limits hold while
// Redis is unavailable.

#include "tests/support/redis_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Longer than the interval of collecting counts plus the round trip.
constexpr milliseconds shared_within{500};
/// Between requests, so that few of them arrive before the counts of the other node.
constexpr milliseconds exchange_time{5};

/// Two programs with separate stores, the same keys and one Redis.
struct two_nodes {
  two_nodes() {
    first.start();
    second.start();
  }

  server_options options(const std::string& name) const {
    return {.program = {},
            .data = dir / name,
            .settings = {{"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"},
                         {"STOA_LIMITS_STORE", "redis"},
                         // Longer than the test runs.
                         {"STOA_LIMITS_LOGIN_DELAY_S_MIN", "300"},
                         {"STOA_REDIS_URL", redis.url()},
                         {"STOA_REDIS_TIMEOUT_MS", "300"},
                         {"STOA_AUTH_KEYS_DIR", (dir / "keys").string()}},
            .arguments = {},
            .alone = true};
  }
  static int carts(const server& at, int tries, const std::string& address,
                   milliseconds pause = milliseconds{0}) {
    http_client client(at.port());
    int made = 0;
    for (int i = 0; i < tries; ++i) {
      const auto a = client.post("/store/v1/carts", "", {{"X-Forwarded-For", address}});
      made += a.status == 201 ? 1 : 0;
      std::this_thread::sleep_for(pause);
    }
    return made;
  }
  /// Whether the second node counts what the first has allowed to a new address: it then allows
  /// only what it had before it received the counts, and one per second (60 per minute). On a busy
  /// machine they may be late.
  bool count_together() {
    for (int attempt = 0; attempt < 4; ++attempt) {
      const auto address = "198.51.101." + std::to_string(++addresses_);
      const auto began = steady_clock::now();
      const auto at_first = carts(first, 40, address);
      std::this_thread::sleep_for(shared_within);
      const auto at_second = carts(second, 40, address, exchange_time);
      const auto took =
          std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - began);
      if (at_first >= 30 && at_second <= 20 + took.count()) return true;
      BOOST_TEST_MESSAGE("40 requests to each node: " << at_first << " and " << at_second
                                                      << " were allowed");
    }
    return false;
  }
  static std::string metric(const server& at, const std::string& name) {
    const auto text = http_client(at.port()).get("/metrics").body;
    const auto begin = text.find("\n" + name + " ");
    if (begin == std::string::npos) return "";
    const auto value = begin + name.size() + 2;
    return text.substr(value, text.find('\n', value) - value);
  }

  temp_dir dir;
  redis_server redis;
  server first{options("first")};
  server second{options("second")};

 private:
  int addresses_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(limits_shared)

BOOST_AUTO_TEST_CASE(nodes_count_together_and_separately_without_redis) {
  if (!redis_server::available()) return skip("redis-server is not installed");
  two_nodes nodes;
  BOOST_TEST(nodes.count_together());
  BOOST_TEST(nodes.metric(nodes.first, "stoa_limit_shared") == "1");

  // Failed logins too: five are allowed at both nodes together.
  http_client first(nodes.first.port());
  http_client second(nodes.second.port());
  const auto log_in = [](http_client& at, const std::string& password) {
    return at.post("/store/v1/auth/login", R"({"login":"unknown","password":")" + password + "\"}",
                   {{"X-Forwarded-For", "198.51.100.2"}});
  };
  for (int i = 0; i < 5; ++i) BOOST_TEST(log_in(first, "wrong").status == 401);
  std::this_thread::sleep_for(shared_within);
  BOOST_TEST(log_in(second, "wrong").status == 401);  // the sixth: from now on with a delay
  std::this_thread::sleep_for(shared_within);
  BOOST_TEST(log_in(second, "wrong").status == 429);

  // Without Redis each node has separate limits, and nothing waits.
  nodes.redis.stop();
  const auto begin = steady_clock::now();
  BOOST_TEST(nodes.carts(nodes.first, 20, "198.51.100.3") == 20);
  BOOST_TEST((steady_clock::now() - begin < std::chrono::seconds{3}));
  BOOST_TEST(nodes.carts(nodes.second, 40, "198.51.100.3") >= 30);
  BOOST_TEST(eventually([&] { return nodes.metric(nodes.first, "stoa_limit_shared") == "0"; }));
  BOOST_TEST(nodes.metric(nodes.first, "stoa_limit_unshared_total") != "0");

  nodes.redis.start();
  BOOST_TEST(eventually([&] {
    nodes.carts(nodes.first, 1, "198.51.100.4");
    nodes.carts(nodes.second, 1, "198.51.100.4");
    return nodes.metric(nodes.first, "stoa_limit_shared") == "1" &&
           nodes.metric(nodes.second, "stoa_limit_shared") == "1";
  }));
  BOOST_TEST(nodes.count_together());
}

BOOST_AUTO_TEST_SUITE_END()
