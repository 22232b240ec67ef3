// Three nodes that are one store: they share the work, hand it over when one of them stops, and a
// former owner cannot write to a partition.

#include "storage/base/json_write.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

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
    o.settings = short_cluster_timeouts();
    o.settings.insert(o.settings.end(), more.begin(), more.end());
    return o;
  }

  /// The violations after everything has settled.
  void judge(shopping_result shopping) {
    BOOST_TEST(await_quiet(check.data, seconds{30}), "work is still open after 30 s");
    check.reported = std::move(shopping.reported);
    const auto report = check_store(check);
    for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
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

/// Customers who switch to another node after each answer: it has the reported data.
void ask_from_node_to_node(const busy_store& store) {
  const auto ports = store.nodes.ports();
  std::mutex guard;
  std::vector<std::string> wrong;
  const auto buy = [&](std::size_t i) {
    visitor first(ports[i % 3]);
    visitor second(ports[(i + 1) % 3]);
    visitor third(ports[(i + 2) % 3]);
    const header_list patient{{"Prefer", "wait=20"}};
    for (int round = 0; round < 4; ++round) {
      const auto cart = first.cart_with(store.shop.products.at(i % store.shop.products.size()), 1);
      const auto declined = first.checkout(cart, {.token = "tok_chargeDeclined"}, patient);
      const auto held = second.client.get(cart).json();
      const auto paid = second.checkout(cart, {}, patient);
      const auto left = third.client.get(cart).json();
      const bool right = declined.status == 402 && has(held, "/reserved_until") &&
                         paid.status == 201 && size_at(left, "/items") == 0;
      if (right) continue;
      std::lock_guard lock(guard);
      wrong.push_back(std::to_string(declined.status) + " " + std::to_string(paid.status) + " " +
                      paid.body + stoa::json::write(left));
    }
  };
  std::vector<std::thread> customers;
  for (std::size_t i = 0; i < 12; ++i) {
    customers.emplace_back([&, i] {
      try {
        buy(i);
      } catch (const std::exception& e) {
        std::lock_guard lock(guard);
        wrong.emplace_back(e.what());
      }
    });
  }
  for (auto& c : customers) c.join();
  for (const auto& w : wrong) BOOST_ERROR(w);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nodes)

BOOST_AUTO_TEST_CASE(each_node_is_asked_and_all_work) {
  if (!can_run({})) return;
  busy_store store({});
  shoppers customers(store.shop);
  customers.start();
  ask_from_node_to_node(store);
  std::this_thread::sleep_for(seconds{1});
  customers.finish();
  store.judge(customers.take());
}

/// Each node is stopped with SIGTERM and restarted under load: no purchase fails, and only 503 is
/// retried.
BOOST_AUTO_TEST_CASE(a_rolling_restart_fails_no_purchase) {
  if (!can_run({})) return;
  busy_store store({});
  shoppers customers(store.shop);
  customers.start();
  for (std::size_t i = 0; i < store.nodes.size(); ++i) {
    std::this_thread::sleep_for(seconds{1});
    auto& node = store.nodes.node(i);
    const auto ended = node.stop();
    BOOST_TEST(ended.value_or(-1) == 0, "node " << i + 1 << " ended with " << ended.value_or(-1)
                                                << ":\n"
                                                << node.log_end());
    node.start();
  }
  std::this_thread::sleep_for(seconds{1});
  customers.finish();
  auto shopping = customers.take();
  for (const auto& [what, many] : shopping.counts) {
    if (!what.starts_with("retried: ") || what == "retried: connection refused") continue;
    BOOST_TEST(what.starts_with("retried: 503"), what << ": " << many);
  }
  store.judge(std::move(shopping));
}

/// A hung node is replaced; when it resumes, it still considers itself the owner of its partitions,
/// with requests waiting in its sockets: the database must reject its writes.
BOOST_AUTO_TEST_CASE(a_node_that_was_frozen_writes_nothing_twice) {
  if (!can_run({})) return;
  // It checks its partitions every second, which is the window for wrong writes.
  busy_store store({}, {{"STOA_CLUSTER_LEASE_MS", "6000"}});
  watch_outboxes(store.ground.postgres(), "shop");
  shoppers customers(store.shop);
  customers.start();
  std::int64_t refused = 0;
  for (std::size_t i = 0; i < store.nodes.size(); ++i) {
    std::this_thread::sleep_for(milliseconds{500});
    auto& node = store.nodes.node(i);
    node.freeze();
    std::this_thread::sleep_for(seconds{4});
    node.thaw();
    std::this_thread::sleep_for(seconds{2});
    node.await_ready();
    const auto log = node.log_end(1'000'000);
    refused += log.find("partition lost") != std::string::npos ? 1 : 0;
  }
  customers.finish();
  store.judge(customers.take());
  for (const auto& n : numbers_used_twice(store.ground.postgres(), "shop")) BOOST_ERROR(n);
  BOOST_TEST(refused > 0, "no node has lost a partition while it was frozen");
}

BOOST_AUTO_TEST_SUITE_END()
