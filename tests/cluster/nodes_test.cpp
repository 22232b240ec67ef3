// Three nodes that are one store: they share the work, hand it over when one of them leaves, and
// none of them can write what is another's by now.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// A store with its customers.
struct busy_store {
  explicit busy_store(ground_options on, environment more = {})
      : ground(on), nodes(ground, options(more)) {
    nodes.load(20, 1000);
    nodes.start();
    check.data = nodes.data();
    check.initial = read_stock(check.data);
    std::vector<std::string> ids;
    for (const auto& [hex, units] : check.initial) shop.products.push_back(uuid_text(hex));
    const auto ports = nodes.ports();
    shop.port = ports.front();
    shop.other_ports.assign(ports.begin() + 1, ports.end());
    shop.shoppers = 9;
    shop.request_limit = milliseconds{8000};
    shop.pause = milliseconds{20};
  }

  cluster_options options(const environment& more) const {
    cluster_options o;
    o.data = dir / "data";
    o.settings = hasty_cluster_settings();
    o.settings.insert(o.settings.end(), more.begin(), more.end());
    return o;
  }

  /// What is wrong when all has settled.
  void judge(shopping_result shopping) {
    BOOST_TEST(await_quiet(check.data, seconds{30}), "work is still open after 30 s");
    check.told = std::move(shopping.told);
    const auto report = check_store(check);
    for (const auto& c : shopping.complaints) BOOST_ERROR("a customer's complaint: " + c);
    for (const auto& v : report.violations) BOOST_ERROR(v);
    BOOST_TEST_MESSAGE(report.text());
    for (const auto& [what, many] : shopping.counts) BOOST_TEST_MESSAGE(what << ": " << many);
    BOOST_TEST(report.facts.at("orders bought") > 0);
  }

  temp_dir dir;
  cluster_ground ground;
  cluster nodes;
  check_options check;
  shopper_options shop;
};

bool can_run(const ground_options& on) {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nodes)

BOOST_AUTO_TEST_CASE(each_node_is_asked_and_all_work) {
  if (!can_run({})) return;
  busy_store store({});
  shoppers customers(store.shop);
  customers.start();
  std::this_thread::sleep_for(seconds{3});
  customers.finish();
  store.judge(customers.take());
}

BOOST_AUTO_TEST_SUITE_END()
