// Nodes that read a streaming replica with no lag, 50 ms or 2 s of lag, or none at all: purchases
// are correct, lists are served within the lag limit, and clients see their own changes.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/postgres_standby.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// The lag limit in these tests.
constexpr milliseconds lag_max{1000};
constexpr milliseconds grace{500};
/// On a busy machine the replica lags too much at times: then nothing is read from it, and a
/// planted fault has no effect.
constexpr int attempts_max = 5;

bool can_run() {
  const auto missing = cluster_ground::missing({});
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

/// The value of the sample in the metrics; 0 when it is absent.
double sample(const std::string& metrics, const std::string& name) {
  const auto at = metrics.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stod(metrics.substr(at + name.size() + 2));
}

class replicated_store {
 public:
  explicit replicated_store(const std::string& fault = {})
      : ground_({}), standby_(ground_.postgres(), {.max_connections = 900}) {
    cluster_options o;
    if (!fault.empty()) o.program = stoa_with_faults();
    o.data = dir_ / "data";
    o.nodes = 2;
    o.settings = short_cluster_timeouts();
    o.settings.insert(
        o.settings.end(),
        {{"STOA_POSTGRES_REPLICA_URL",
          "postgresql://stoa@127.0.0.1:" + std::to_string(way_.port()) + "/shop_{service}"},
         {"STOA_POSTGRES_REPLICA_LAG_MS_MAX", std::to_string(lag_max.count())}});
    if (!fault.empty()) o.settings.emplace_back("STOA_FAULT", fault);
    nodes_.emplace(ground_, std::move(o));
    nodes_->load(20, 1000);
    nodes_->create_root();
    standby_.await_replay();
    nodes_->start();
  }

  postgres_standby& standby() { return standby_; }
  tcp_proxy& way() { return way_; }
  server& node(std::size_t i) { return nodes_->node(i); }
  std::string metrics(std::size_t i) { return http_client(node(i).port()).get("/metrics").body; }
  double reads(const std::string& outcome) {
    const auto name = R"(stoa_replica_reads_total{outcome=")" + outcome + R"(",service="catalog"})";
    return sample(metrics(0), name) + sample(metrics(1), name);
  }
  /// Whether both nodes report this of the catalogue's replica, and are ready.
  bool says(bool in_use) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto a = http_client(node(i).port()).get("/readyz");
      if (a.status != 200) return false;
      const auto body = a.json();
      for (const auto& s : *at(body, "/services").if_array()) {
        if (text_at(s, "/service") != "catalog") continue;
        if (*at(s, "/replica/in_use").if_bool() != in_use) return false;
      }
    }
    return true;
  }

  /// The errors in purchases of two lines, with each step at another node.
  std::vector<std::string> shop(int purchases) {
    std::vector<std::string> wrong;
    visitor first(node(0).port());
    visitor second(node(1).port());
    const auto goods = first.goods();
    for (int i = 0; i < purchases; ++i) {
      try {
        const auto n = static_cast<std::size_t>(i);
        const auto& a = goods[n % goods.size()];
        const auto& b = goods[(n + 1) % goods.size()];
        const auto cart = first.new_cart();
        const int added = second.add(cart, a.id, 1).status + first.add(cart, b.id, 2).status;
        const auto order = second.checkout(cart, {}, {{"Prefer", "wait=20"}});
        if (added != 402 || order.status != 201) {
          wrong.push_back(std::to_string(added) + " " + std::to_string(order.status) + order.body);
        } else if (size_at(order.json(), "/items") != 2 ||
                   number_at(order.json(), "/total_amount/amount") < a.price + 2 * b.price) {
          wrong.push_back("not what was in the cart: " + order.body);
        }
      } catch (const std::exception& e) {
        wrong.emplace_back(e.what());
      }
    }
    return wrong;
  }

  /// Staff change a product's name and see it at once; other users within the limit. Returns how
  /// many answers did not show the change to its author.
  int change_and_look() {
    int stale = 0;
    visitor here(node(0).port());
    visitor there(node(1).port());
    const auto root = here.log_in("root");
    const auto id = here.goods().front().id;
    for (int round = 0; round < 3; ++round) {
      const auto name = unique("name");
      const auto changed =
          here.client.patch("/admin/v1/products/" + id, R"({"name":")" + name + "\"}", root);
      const auto begun = steady_clock::now();
      BOOST_REQUIRE_EQUAL(changed.status, 200);
      stale += shown(here, id, root) == name ? 0 : 1;
      const auto token = changed.header("Stoa-Consistency");
      BOOST_TEST(!token.empty());
      stale += shown(there, id, {{"Stoa-Consistency", token}}) == name ? 0 : 1;
      BOOST_TEST(
          there.client.get("/store/v1/products", {{"Stoa-Consistency", token + "x"}}).status ==
          400);
      BOOST_TEST(eventually([&] { return shown(there, id, {}) == name; }, seconds{5}));
      BOOST_TEST((steady_clock::now() - begun < lag_max + grace));
    }
    return stale;
  }

 private:
  static std::string shown(visitor& v, const std::string& id, const header_list& headers) {
    return text_at(v.client.get("/store/v1/products/" + id, headers).json(), "/name");
  }

  temp_dir dir_;
  cluster_ground ground_;
  postgres_standby standby_;
  tcp_proxy way_{standby_.port()};  ///< from the nodes to the standby
  std::optional<cluster> nodes_;
};

void check_purchases(replicated_store& store, const char* when) {
  BOOST_TEST_CONTEXT(when) {
    for (const auto& w : store.shop(12)) BOOST_ERROR(w);
    BOOST_TEST(store.change_and_look() == 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replica)

BOOST_AUTO_TEST_CASE(purchases_are_right_whatever_the_replica_does) {
  if (!can_run()) return;
  replicated_store store;
  BOOST_TEST(eventually([&] { return store.says(true); }));
  auto before = store.reads("replica");
  check_purchases(store, "no lag");
  BOOST_TEST(store.reads("replica") > before);

  store.standby().set_apply_delay(milliseconds{50});
  // On a busy machine it may have lagged meanwhile.
  BOOST_TEST(eventually([&] { return store.says(true); }));
  before = store.reads("replica");
  check_purchases(store, "50 ms");
  BOOST_TEST(store.reads("replica") > before);
  BOOST_TEST(eventually([&] { return store.says(true); }));

  store.standby().set_apply_delay(seconds{2});
  // Changes of other services keep the primary's log growing and the replica behind.
  BOOST_TEST(eventually([&] { return store.says(false); }));
  before = store.reads("fallback");
  check_purchases(store, "2 s");
  BOOST_TEST(store.reads("fallback") > before);
  BOOST_TEST(sample(store.metrics(0), R"(stoa_replica_in_use{service="catalog"})") == 0);

  store.standby().set_apply_delay(milliseconds{0});
  BOOST_TEST(eventually([&] { return store.says(true); }));

  // It never advances again.
  store.standby().promote();
  BOOST_TEST(eventually([&] { return store.says(false); }));
  check_purchases(store, "promoted");
}

BOOST_AUTO_TEST_CASE(nothing_waits_for_a_replica_that_is_gone) {
  if (!can_run()) return;
  replicated_store store;
  BOOST_TEST(eventually([&] { return store.says(true); }));
  // It receives and does not answer.
  store.way().hold();
  const auto begun = steady_clock::now();
  visitor guest(store.node(0).port());
  // The first query may wait up to 2 s to detect it; later ones do not.
  for (int i = 0; i < 20; ++i) BOOST_TEST(guest.client.get("/store/v1/products").status == 200);
  BOOST_TEST((steady_clock::now() - begun < seconds{15}));
  BOOST_TEST(eventually([&] { return store.says(false); }));
  check_purchases(store, "held");
  const auto later = steady_clock::now();
  for (int i = 0; i < 50; ++i) BOOST_TEST(guest.client.get("/store/v1/products").status == 200);
  BOOST_TEST((steady_clock::now() - later < seconds{25}));

  store.way().refuse(true);
  store.way().cut();
  check_purchases(store, "refused");
  store.way().resume();
  BOOST_TEST(eventually([&] { return store.says(true); }));
  const auto before = store.reads("replica");
  check_purchases(store, "back");
  BOOST_TEST(store.reads("replica") > before);
}

BOOST_AUTO_TEST_CASE(a_decision_that_reads_the_replica_is_found_out) {
  if (!can_run()) return;
  replicated_store store("decide_by_replica");
  BOOST_TEST(eventually([&] { return store.says(true); }));
  store.standby().set_apply_delay(milliseconds{50});
  std::this_thread::sleep_for(milliseconds{300});
  std::vector<std::string> wrong;
  for (int i = 0; wrong.empty() && i < attempts_max; ++i) {
    BOOST_TEST(eventually([&] { return store.says(true); }));
    wrong = store.shop(12);
  }
  for (const auto& w : wrong) BOOST_TEST_MESSAGE(w.substr(0, 200));
  BOOST_TEST(!wrong.empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_see_its_own_change_is_found_out) {
  if (!can_run()) return;
  replicated_store store("forget_own_writes");
  BOOST_TEST(eventually([&] { return store.says(true); }));
  store.standby().set_apply_delay(milliseconds{300});
  std::this_thread::sleep_for(milliseconds{500});
  int stale = 0;
  for (int i = 0; stale == 0 && i < attempts_max; ++i) {
    BOOST_TEST(eventually([&] { return store.says(true); }));
    stale = store.change_and_look();
  }
  BOOST_TEST(stale > 0);
}

BOOST_AUTO_TEST_SUITE_END()
