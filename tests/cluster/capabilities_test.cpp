// Unavailable services affect only their own functions; nodes that an operator cordons and drains.

#include "tests/support/joined_nodes.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// Much shorter than the time for which a request waits for a moving partition.
constexpr milliseconds at_once{1500};

bool is_true(const json::value& document, std::string_view pointer) {
  const auto* yes = at(document, pointer).if_bool();
  return yes != nullptr && *yes;
}

/// The names of the capabilities that are unavailable at that front.
std::set<std::string> not_available(std::uint16_t port) {
  std::set<std::string> names;
  const auto reported = http_client(port).get("/readyz").json();
  for (const auto& c : *at(reported, "/capabilities").if_array()) {
    if (!is_true(c, "/available")) names.insert(text_at(c, "/capability"));
  }
  return names;
}

bool becomes_unavailable(std::uint16_t port, const std::set<std::string>& names) {
  return eventually([&] { return not_available(port) == names; });
}

int status_of(std::uint16_t port, const std::string& path) {
  return http_client(port).get(path).status;
}

/// Waits for state that other nodes report with a delay.
bool becomes(std::uint16_t port, const std::string& path, int status) {
  return eventually([&] { return status_of(port, path) == status; });
}

std::string status_word(std::uint16_t port) {
  return text_at(http_client(port).get("/readyz").json(), "/status");
}

/// 503 with a code and Retry-After, without waiting.
void is_refused_at_once(const std::function<http_answer()>& ask) {
  const auto begin = steady_clock::now();
  const auto a = ask();
  BOOST_TEST((steady_clock::now() - begin < at_once));
  BOOST_TEST(a.status == 503, a.body);
  BOOST_TEST(text_at(a.json(), "/code") == "unavailable", a.body);
  BOOST_TEST(!a.header("Retry-After").empty());
}

std::size_t partitions_of(const json::value& node) {
  std::size_t all = 0;
  for (const auto& s : *at(node, "/services").if_array()) all += size_at(s, "/owned");
  return all;
}

/// The node as listed by node 1.
json::value state_of(joined_nodes& nodes, const std::string& name, const header_list& root) {
  const auto all = http_client(nodes.node(0).port()).get("/admin/v1/nodes", root).json();
  for (const auto& n : *at(all, "/data").if_array()) {
    if (text_at(n, "/node") == name) return n;
  }
  throw std::runtime_error(name + " is not connected");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capabilities)

BOOST_AUTO_TEST_CASE(a_missing_service_takes_no_other_with_it) {
  if (!can_run()) return;
  joined_nodes nodes("partly", 3,
                     {"front,catalog,cart,order,pricing", "payment", "user,notification"});
  change(nodes.options(0).settings, "STOA_LOG_LEVEL", "info");
  nodes.load(5, 100);
  nodes.start(3);
  const auto port = nodes.node(0).port();
  visitor v(port);
  const auto product = v.goods().front().id;
  v.bought(product);
  BOOST_TEST(status_word(port) == "ready");

  nodes.node(1).kill();
  BOOST_TEST(becomes_unavailable(port, {"checkout", "payments"}));
  BOOST_TEST(status_of(port, "/readyz") == 200);
  BOOST_TEST(status_word(port) == "degraded");
  BOOST_TEST(status_of(port, "/readyz?require=checkout") == 503);
  BOOST_TEST(status_of(port, "/readyz?require=browse,cart,account") == 200);
  BOOST_TEST(v.client.get("/store/v1/products/" + product).status == 200);
  const auto cart = v.cart_with(product, 1);
  is_refused_at_once([&] { return v.checkout(cart); });
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(metrics.find("stoa_capability_ready{capability=\"checkout\"} 0") != std::string::npos);
  BOOST_TEST(metrics.find("stoa_capability_ready{capability=\"browse\"} 1") != std::string::npos);
  nodes.node(1).start();
  BOOST_TEST(becomes_unavailable(port, {}));
  BOOST_TEST(v.checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);

  // Guests buy without accounts and mails; the mails are sent later.
  nodes.node(2).kill();
  BOOST_TEST(becomes_unavailable(port, {"account", "notification"}));
  BOOST_TEST(status_of(port, "/readyz") == 200);
  v.bought(product);
  is_refused_at_once([&] {
    return v.client.post("/store/v1/auth/login", R"({"login":"root","password":"correct horse"})");
  });
  nodes.node(2).start();
  BOOST_TEST(becomes_unavailable(port, {}));
  const auto log = nodes.node(0).log_end(1'000'000);
  BOOST_TEST(log.find("capabilities not available") != std::string::npos);
  BOOST_TEST(log.find("capabilities available again") != std::string::npos);
  nodes.judge();
}

BOOST_AUTO_TEST_CASE(a_front_that_requires_checkout_is_not_ready_without_it) {
  if (!can_run()) return;
  joined_nodes nodes("strictly", 2,
                     {"front,user,catalog,cart,order,pricing,notification", "payment"});
  change(nodes.options(0).settings, "STOA_HTTP_READY_REQUIRES", "checkout");
  nodes.load(2, 10);
  nodes.start(2);
  const auto port = nodes.node(0).port();
  BOOST_TEST(status_of(port, "/readyz") == 200);
  // A node without a front is ready when its own services are.
  BOOST_TEST(status_of(nodes.node(1).port(), "/readyz") == 200);
  nodes.node(1).kill();
  BOOST_TEST(becomes(port, "/readyz", 503));
  BOOST_TEST(status_word(port) == "not ready");
  BOOST_TEST(status_of(port, "/store/v1/products") == 200);
  BOOST_TEST(status_of(port, "/readyz?require=browse") == 200);
}

BOOST_AUTO_TEST_CASE(a_node_is_cordoned_drained_and_takes_part_again) {
  if (!can_run()) return;
  joined_nodes nodes("cordon", 2);
  change(nodes.options(0).settings, "STOA_LOG_LEVEL", "info");
  nodes.load(5, 100);
  nodes.start(2);
  visitor v(nodes.node(0).port());
  const auto root = v.log_in("root");
  const auto other = nodes.node(1).port();
  const auto operate = [&](const std::string& node, const std::string& action) {
    return v.client.post("/admin/v1/nodes/" + node + "/" + action, "", root).status;
  };
  BOOST_TEST(eventually([&] { return partitions_of(state_of(nodes, "node-2", root)) > 0; }));

  BOOST_TEST(operate("node-2", "cordon") == 204);
  BOOST_TEST(eventually([&] { return partitions_of(state_of(nodes, "node-2", root)) == 0; }));
  BOOST_TEST(is_true(state_of(nodes, "node-2", root), "/cordoned"));
  BOOST_TEST(becomes(other, "/readyz?require=all", 200));
  nodes.buy_at(1);

  BOOST_TEST(operate("node-2", "drain") == 204);
  BOOST_TEST(status_of(other, "/readyz") == 503);
  BOOST_TEST(status_word(other) == "draining");
  nodes.buy_at(1);

  BOOST_TEST(operate("node-2", "uncordon") == 204);
  BOOST_TEST(becomes(other, "/readyz", 200));
  BOOST_TEST(eventually([&] { return partitions_of(state_of(nodes, "node-2", root)) > 0; }));
  nodes.buy_at(1);

  // The last one keeps its partitions.
  BOOST_TEST(operate("node-1", "cordon") == 204);
  BOOST_TEST(operate("node-2", "cordon") == 204);
  std::this_thread::sleep_for(seconds{1});
  nodes.buy_at(0);
  BOOST_TEST(operate("nowhere", "cordon") == 404);

  const auto level = v.client.request("PUT", "/admin/v1/nodes/node-2/log-level",
                                      R"({"level":"error","duration_s":1})", root);
  BOOST_TEST(level.status == 204, level.body);
  BOOST_TEST(eventually(
      [&] { return text_at(state_of(nodes, "node-2", root), "/log_level") == "error"; }));
  BOOST_TEST(eventually(
      [&] { return text_at(state_of(nodes, "node-2", root), "/log_level") != "error"; }));
  BOOST_TEST(nodes.node(0).log_end(1'000'000).find("node operated") != std::string::npos);
}

/// Every actor fails on an unreachable database many times per second.
BOOST_AUTO_TEST_CASE(an_unavailable_database_does_not_fill_the_log) {
  if (!can_run()) return;
  static constexpr seconds away{5};
  static constexpr std::int64_t lines_max = 60;  // from six services, in less than ten seconds
  joined_nodes nodes("silent", 1);
  change(nodes.options(0).settings, "STOA_LOG_FORMAT", "json");
  change(nodes.options(0).settings, "STOA_LOG_LEVEL", "info");
  nodes.load(5, 100);
  nodes.start(1);
  auto& node = nodes.node(0);
  nodes.buy_at(0);
  const auto lines = [&] {
    const auto log = node.log_end(10'000'000);
    return std::count(log.begin(), log.end(), '\n');
  };
  const auto before = lines();
  ground().postgres().stop();
  const auto until = steady_clock::now() + away;
  std::vector<std::jthread> customers;
  for (int i = 0; i < 3; ++i) {
    customers.emplace_back([&] {
      http_client client(node.port(), seconds{20});
      while (steady_clock::now() < until) {
        client.post("/store/v1/carts", "");
        client.get("/store/v1/products");
        std::this_thread::sleep_for(milliseconds{10});
      }
    });
  }
  customers.clear();
  const auto written = lines() - before;
  BOOST_TEST(status_of(node.port(), "/readyz") == 503);
  ground().postgres().start();
  BOOST_TEST_MESSAGE(written << " lines in " << away.count() << " s");
  BOOST_TEST(written <= lines_max, node.log_end(20'000));
  BOOST_TEST(becomes(node.port(), "/readyz?require=all", 200));
  BOOST_TEST(nodes.can_buy_at(0));
  const auto log = node.log_end(10'000'000);
  for (const auto& service : service_databases) {
    const auto with = R"(,"service":")" + std::string(service) + "\"";
    std::size_t reported = 0;
    std::size_t over = 0;
    std::istringstream all(log);
    for (std::string line; std::getline(all, line);) {
      if (line.find(with) == std::string::npos) continue;
      reported += line.find("database cannot be reached") != std::string::npos ? 1 : 0;
      over += line.find("database is reachable again") != std::string::npos ? 1 : 0;
    }
    BOOST_TEST(reported >= 1U, service);
    BOOST_TEST(reported <= 3U, service << ": " << reported);
    BOOST_TEST(over >= 1U, service);
  }
}

BOOST_AUTO_TEST_SUITE_END()
