// Nodes whose settings differ from those of the store that they try to join: the other nodes and
// the databases reject them, and customers are not affected.

#include "tests/support/joined_nodes.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::size_t whole = 1 << 20;

struct stray {
  const char* variable;
  const char* value;
  std::string why;
};

const stray strays[] = {
    {"STOA_CART_STORE", "redis", "cart.store is redis here, and database on the store's nodes"},
    {"STOA_EVENTS_BUS", "nats", "events.bus is nats here, and nodes on the store's nodes"},
    {"STOA_STORE_CURRENCY", "USD", "store.currency is USD here, and EUR on the store's nodes"},
    {"STOA_POSTGRES_WRITERS", "5", "postgres.writers is 5 here, and 2 on the store's nodes"},
};

bool says(const server& node, const std::string& words) {
  return node.log_end(whole).find(words) != std::string::npos;
}

/// Whether the node exits with that reason.
bool is_refused(server& node, const std::string& why) {
  return eventually([&] { return !node.running(); }, seconds{10}) && says(node, why);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(foreign_settings)

BOOST_AUTO_TEST_CASE(a_node_with_other_settings_does_not_touch_the_store) {
  if (!can_run()) return;
  joined_nodes nodes("foreign", 3 + std::size(strays));
  nodes.load(10, 2000);
  nodes.start(3);
  shoppers customers(nodes.customers(3));
  customers.start();
  for (std::size_t i = 0; i < std::size(strays); ++i) {
    change(nodes.options(3 + i).settings, strays[i].variable, strays[i].value);
    auto& node = nodes.add();
    node.launch();
    BOOST_TEST(is_refused(node, strays[i].why), strays[i].why << "\n" << node.log_end());
    BOOST_TEST(says(node, "stoa store accept-settings"));
  }
  customers.finish();
  auto shopping = customers.take();
  for (const auto& [what, many] : shopping.counts) BOOST_TEST_MESSAGE(what << ": " << many);
  nodes.judge(std::move(shopping));
}

BOOST_AUTO_TEST_CASE(a_front_without_databases_is_refused_by_the_nodes) {
  if (!can_run()) return;
  joined_nodes nodes("foreign_front", 2, {"all", "front"});
  nodes.load(5, 100);
  nodes.start(1);
  change(nodes.options(1).settings, "STOA_STORE_CURRENCY", "USD");
  change(nodes.options(1).settings, "STOA_LOG_LEVEL", "info");
  auto& front = nodes.add();
  front.launch();
  // Both log the setting and the two values.
  BOOST_TEST(eventually([&] {
               return says(nodes.node(0), "node-2 has store.currency = USD, node-1 has EUR");
             }),
             nodes.node(0).log_end());
  BOOST_TEST(eventually([&] { return says(front, "store.currency"); }), front.log_end());
  BOOST_TEST(eventually([&] {
    try {
      const auto ready = http_client(front.port()).get("/readyz");
      return ready.status == 503 && ready.body.find("store.currency") != std::string::npos;
    } catch (const http_failure&) {  // Not listening yet.
      return false;
    }
  }));
  visitor root(nodes.node(0).port());
  const auto known = root.client.get("/admin/v1/nodes", root.log_in("root")).json();
  BOOST_TEST(size_at(known, "/data") == 1u);
  BOOST_TEST(text_at(known, "/data/0/refused/0/node") == "node-2");
  BOOST_TEST(text_at(known, "/data/0/settings/store.currency") == "EUR");
  // A node without partitions does not keep the store's nodes from theirs.
  nodes.node(0).stop();
  nodes.node(0).start();
  BOOST_TEST(nodes.can_buy_at(0));
}

BOOST_AUTO_TEST_CASE(a_node_with_other_token_keys_gets_no_partitions) {
  if (!can_run()) return;
  joined_nodes nodes("other_keys", 3);
  nodes.load(5, 100);
  nodes.start(2);
  std::filesystem::copy(nodes.data() / "keys", nodes.file("keys"));
  std::filesystem::remove(nodes.file("keys") / "token-key.json");  // It creates another one.
  change(nodes.options(2).settings, "STOA_AUTH_KEYS_DIR", nodes.file("keys").string());
  auto& node = nodes.add();
  node.launch();
  BOOST_TEST(eventually([&] { return says(nodes.node(1), "node-3 has token_keys = "); }),
             nodes.node(1).log_end());
  nodes.node(0).stop();
  BOOST_TEST(nodes.can_buy_at(1));
  for (const auto* service : {"cart", "catalog", "order", "payment"}) {
    BOOST_TEST(ground().postgres().run(std::string("other_keys_") + service,
                                       "SELECT count(*) FROM partition WHERE owner='node-3'") ==
               "0");
  }
}

BOOST_AUTO_TEST_CASE(a_setting_of_the_whole_store_is_changed_while_no_node_runs) {
  if (!can_run()) return;
  joined_nodes nodes("changed", 2);
  nodes.load(5, 100);
  nodes.start(1);
  const auto accept = [&] {
    auto settings = nodes.options(1).settings;
    const auto done = run_program(
        stoa_binary(), {"store", "accept-settings", "--data", nodes.data().string()}, settings);
    BOOST_TEST_MESSAGE(done.output);
    return done.exit_code;
  };
  change(nodes.options(1).settings, "STOA_POSTGRES_WRITERS", "5");
  BOOST_TEST(accept() == 1);  // A node runs.
  nodes.node(0).stop();
  BOOST_TEST(accept() == 0);
  nodes.add().start();
  nodes.buy_at(1);
  nodes.node(0).launch();
  BOOST_TEST(is_refused(nodes.node(0), "postgres.writers is 2 here, and 5 on the store's nodes"));
}

BOOST_AUTO_TEST_CASE(a_node_that_compares_nothing_is_found_out) {
  if (!can_run()) return;
  joined_nodes nodes("not_compared", 2);
  nodes.load(5, 100);
  nodes.start(1);
  auto& options = nodes.options(1);
  options.program = stoa_with_faults();
  options.settings.emplace_back("STOA_FAULT", "skip_fingerprint");
  change(options.settings, "STOA_POSTGRES_WRITERS", "5");
  auto& node = nodes.add();
  node.launch();
  const bool refused =
      eventually([&] { return !node.running(); }, seconds{4}) && says(node, "postgres.writers");
  BOOST_TEST(!refused);
}

BOOST_AUTO_TEST_SUITE_END()
