// Redis loses the carts under running nodes. Where that is not accepted, carts are refused until
// they are restored; where it is, the service starts empty. Nothing else stops, and no node is
// started again.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr ground_options on{.redis = true};

bool can_run() {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

struct store_on_redis {
  explicit store_on_redis(const environment& more = {}, const std::string& fault = {})
      : ground(on), nodes(ground, options(more, fault)) {
    nodes.load(10, 1000);
    nodes.start();
  }
  cluster_options options(const environment& more, const std::string& fault) const {
    cluster_options o;
    if (!fault.empty()) o.program = stoa_with_faults();
    o.data = dir / "data";
    o.nodes = 2;
    o.settings = short_cluster_timeouts();
    o.settings.insert(o.settings.end(), more.begin(), more.end());
    if (!fault.empty()) o.settings.emplace_back("STOA_FAULT", fault);
    return o;
  }

  std::string redis(const std::string& command) {
    const auto answer = exchange_raw(ground.redis().port(), command + "\r\nQUIT\r\n");
    BOOST_TEST(answer.starts_with("+OK"), answer);
    return answer;
  }
  http_answer ready(std::size_t node) {
    return http_client(nodes.node(node).port()).get("/readyz");
  }
  bool both_ready() { return is_whole(ready(0)) && is_whole(ready(1)); }
  static bool is_whole(const http_answer& a) {
    return a.status == 200 && a.body.find("\"ready\":false") == std::string::npos;
  }
  bool both_say_lost() {
    return ready(0).body.find("Redis has lost") != std::string::npos &&
           ready(1).body.find("Redis has lost") != std::string::npos;
  }

  temp_dir dir;
  cluster_ground ground;
  cluster nodes;
};

/// Buyers of both nodes, until end(): the statuses of each step's answers.
class buyers {
 public:
  buyers(store_on_redis& store, std::string product) : product_(std::move(product)) {
    for (std::size_t i = 0; i < 4; ++i) {
      threads_.emplace_back([this, port = store.nodes.node(i % 2).port()] { shop(port); });
    }
  }
  ~buyers() { end(); }
  buyers(const buyers&) = delete;
  buyers& operator=(const buyers&) = delete;

  std::set<std::string> end() {
    ended_ = true;
    for (auto& t : threads_) t.join();
    threads_.clear();
    return seen_;
  }

 private:
  void shop(std::uint16_t port) {
    visitor v(port);
    while (!ended_) {
      try {
        const auto made = v.client.post("/store/v1/carts", "");
        note("cart", made);
        if (made.status != 201) continue;
        const auto cart = made.header("Location");
        const auto added = v.add(cart, product_, 1);
        note("item", added);
        if (added.status != 201) continue;
        note("checkout", v.checkout(cart, {}, {{"Prefer", "wait=20"}}));
      } catch (const http_failure& e) {
        const std::scoped_lock lock(mutex_);
        seen_.insert(e.what());
      }
    }
  }
  void note(const std::string& step, const http_answer& a) {
    const std::scoped_lock lock(mutex_);
    seen_.insert(step + " " + std::to_string(a.status) + " " + a.code());
  }

  std::string product_;
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::set<std::string> seen_;
  std::vector<std::thread> threads_;
};

void check_checkouts(store_on_redis& store, const std::string& product) {
  for (std::size_t i = 0; i < 20; ++i) {
    visitor v(store.nodes.node(i % 2).port());
    BOOST_CHECK_NO_THROW(v.bought(product));
  }
}

/// What is held after a declined payment is released when the line goes: an event of the carts.
void check_events_of_carts(store_on_redis& store, const std::string& product) {
  visitor v(store.nodes.node(1).port());
  const auto before = v.product(product).stock;
  const auto cart = v.cart_with(product, 3);
  BOOST_TEST(v.checkout(cart, {.token = "tok_chargeDeclined"}, {{"Prefer", "wait=20"}}).status ==
             402);
  BOOST_TEST(v.product(product).stock == before - 3);
  const auto line = text_at(v.client.get(cart).json(), "/items/0/cart_item_id");
  BOOST_TEST(v.client.del(cart + "/items/" + line).status / 100 == 2);
  BOOST_TEST(eventually([&] { return v.product(product).stock == before; }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_loss)

BOOST_AUTO_TEST_CASE(lost_carts_are_refused_until_they_are_restored) {
  if (!can_run()) return;
  store_on_redis store;
  visitor v(store.nodes.node(0).port());
  const auto product = v.goods().front().id;
  const auto cart = v.cart_with(product, 2);
  buyers load(store, product);
  std::this_thread::sleep_for(milliseconds{500});
  store.redis("SWAPDB 0 200");
  // Never 404, as if the customer had emptied it.
  for (int i = 0; i < 5; ++i) BOOST_TEST(v.client.get(cart).status == 503);
  BOOST_TEST(eventually([&] { return store.both_say_lost(); }, seconds{5}));
  const auto refused = v.client.post("/store/v1/carts", "");
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.header("Retry-After") != "");
  BOOST_TEST(v.client.get(cart).status == 503);
  BOOST_TEST(v.client.get("/store/v1/products").status == 200);
  std::this_thread::sleep_for(milliseconds{300});

  store.redis("SWAPDB 0 200");
  BOOST_TEST(eventually([&] { return store.both_ready(); }));
  BOOST_TEST(size_at(v.client.get(cart).json(), "/items") == 1);
  for (const auto& s : load.end()) {
    const bool right = s.find(" 201 ") != std::string::npos ||
                       s.find(" 202 ") != std::string::npos || s.find(" 503 ") != std::string::npos;
    BOOST_TEST(right, s);
  }
  BOOST_TEST(v.checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);
  check_checkouts(store, product);
  check_events_of_carts(store, product);
}

/// While the nodes run.
BOOST_AUTO_TEST_CASE(an_operator_can_give_lost_carts_up) {
  if (!can_run()) return;
  store_on_redis store;
  visitor v(store.nodes.node(0).port());
  const auto product = v.goods().front().id;
  const auto cart = v.cart_with(product, 2);
  check_events_of_carts(store, product);
  store.redis("FLUSHALL");
  BOOST_TEST(eventually([&] { return store.both_say_lost(); }, seconds{5}));
  auto settings = store.ground.settings("shop");
  settings.emplace_back("STOA_DATA_DIR", store.nodes.data().string());
  const std::vector<std::string> adopt{"store", "adopt", "--service", "cart"};
  BOOST_TEST(run_program(stoa_binary(), adopt, settings).exit_code == 2);
  const auto done = run_program(stoa_binary(),
                                {"store", "adopt", "--service", "cart", "--accept-loss"}, settings);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(eventually([&] { return store.both_ready(); }));
  BOOST_TEST(v.client.get(cart).status == 404);
  check_checkouts(store, product);
  check_events_of_carts(store, product);
}

BOOST_AUTO_TEST_CASE(carts_begin_anew_where_their_loss_is_accepted) {
  if (!can_run()) return;
  store_on_redis store(environment{{"STOA_CART_ACCEPT_LOSS", "true"}});
  visitor v(store.nodes.node(0).port());
  const auto product = v.goods().front().id;
  const auto cart = v.cart_with(product, 2);
  // So that the outbox has had numbers.
  check_events_of_carts(store, product);
  for (const char* loss : {"FLUSHALL", "restart"}) {
    BOOST_TEST_CONTEXT(loss) {
      buyers load(store, product);
      std::this_thread::sleep_for(milliseconds{500});
      store.redis("FLUSHALL");
      if (std::string(loss) == "restart") {
        store.ground.redis().kill();
        store.ground.redis().start();
      }
      BOOST_TEST(eventually([&] { return v.client.post("/store/v1/carts", "").status == 201; },
                            seconds{10}));
      BOOST_TEST(eventually([&] { return store.both_ready(); }));
      load.end();
      BOOST_TEST(v.client.get(cart).status == 404);
      check_checkouts(store, product);
      check_events_of_carts(store, product);
    }
  }
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(metrics.find(R"(stoa_store_data_lost_total{outcome="given_up",service="cart"} )") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redis_without_memory_refuses_changes_and_is_used_again) {
  if (!can_run()) return;
  store_on_redis store;
  visitor v(store.nodes.node(0).port());
  const auto product = v.goods().front().id;
  const auto cart = v.cart_with(product, 2);
  store.redis("CONFIG SET maxmemory 1");
  const auto refused = v.client.post("/store/v1/carts", "");
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.code() == "unavailable");
  BOOST_TEST(v.client.get(cart).status == 200);
  store.redis("CONFIG SET maxmemory 0");
  BOOST_TEST(eventually([&] { return v.client.post("/store/v1/carts", "").status == 201; }));
  BOOST_TEST(v.checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);
}

BOOST_AUTO_TEST_CASE(carts_that_are_read_from_an_emptied_redis_are_found_out) {
  if (!can_run()) return;
  store_on_redis store({}, "read_emptied_redis");
  visitor v(store.nodes.node(0).port());
  const auto cart = v.cart_with(v.goods().front().id, 2);
  store.redis("SWAPDB 0 200");
  BOOST_TEST(v.client.get(cart).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
