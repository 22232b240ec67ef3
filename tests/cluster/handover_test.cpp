// A stopped node leaves nothing that others must wait for: its events and those in transit to it
// arrive as fast as any other. Those of a node killed behind a broker wait until the broker
// redelivers them.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/store_copy.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

struct node_end {
  bool killed = false;
  /// Far above an event's waiting time under this load, far below any answer timeout.
  milliseconds event_age_max{2500};
  /// Every event of the node is watched for this long.
  milliseconds watched_after{4000};
  std::size_t nodes = 3;
};

/// The age of the oldest event in the outboxes of the store.
milliseconds oldest_event(row_counter& rows) {
  std::int64_t oldest_us = 0;
  for (const std::string service : emitting_services) {
    oldest_us = std::max(oldest_us,
                         rows.number(service,
                                     "SELECT coalesce(max(extract(epoch FROM clock_timestamp()) * "
                                     "1000000 - created_at), 0)::bigint FROM outbox"));
  }
  return std::chrono::duration_cast<milliseconds>(std::chrono::microseconds{oldest_us});
}

/// Monitors the outboxes from its construction on.
class age_watch {
 public:
  explicit age_watch(const std::filesystem::path& data)
      : thread_([this, place = place_of(data).value()](const std::stop_token& stop) {
          row_counter rows(place);
          while (!stop.stop_requested()) {
            const auto age = oldest_event(rows);
            worst_ = std::max(worst_.load(), age.count());
            std::this_thread::sleep_for(milliseconds{50});
          }
        }) {}
  /// The greatest age since the last call.
  milliseconds worst() { return milliseconds{worst_.exchange(0)}; }

 private:
  std::atomic<std::int64_t> worst_{0};
  std::jthread thread_;
};

void end_one_after_the_other(const ground_options& on, const node_end& how) {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) return skip(missing);
  const temp_dir dir;
  cluster_ground ground(on);
  cluster_options options;
  options.data = dir / "data";
  options.settings = short_cluster_timeouts();
  cluster nodes(ground, options);
  nodes.load(20, 1000);
  nodes.start();

  shopper_options shop;
  for (const auto& [hex, units] : read_stock(nodes.data())) {
    shop.products.push_back(uuid_text(hex));
  }
  const auto ports = nodes.ports();
  shop.port = ports.front();
  shop.other_ports.assign(ports.begin() + 1, ports.end());
  shop.shoppers = 6;
  shop.request_limit = milliseconds{8000};
  shop.pause = milliseconds{20};
  shop.silent_paid_percent = 0;
  shop.silent_declined_percent = 0;
  shoppers customers(shop);
  age_watch ages(nodes.data());
  customers.start();
  std::this_thread::sleep_for(seconds{2});
  BOOST_TEST_MESSAGE("before: " << ages.worst().count() << " ms");
  for (std::size_t i = 0; i < how.nodes; ++i) {
    auto& node = nodes.node(i);
    const auto begin = steady_clock::now();
    if (how.killed) {
      node.kill();
    } else {
      BOOST_TEST(node.stop().value_or(-1) == 0, node.log_end());
    }
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    std::this_thread::sleep_for(how.watched_after);
    const auto worst = ages.worst();
    BOOST_TEST_MESSAGE("node " << i + 1 << " ended after " << took.count()
                               << " ms; the oldest event: " << worst.count() << " ms");
    BOOST_TEST(worst.count() < how.event_age_max.count(), "node " << i + 1);
    node.start();
    ages.worst();
  }
  customers.finish();
  auto shopping = customers.take();
  for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
  BOOST_TEST(await_quiet(nodes.data(), seconds{60}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handover)

BOOST_AUTO_TEST_CASE(events_do_not_wait_for_a_stopped_node) {
  end_one_after_the_other({}, {});
}

BOOST_AUTO_TEST_CASE(events_over_nats_do_not_wait_for_a_stopped_node) {
  end_one_after_the_other({.nats = true}, {});
}

BOOST_AUTO_TEST_CASE(events_over_nats_wait_two_seconds_for_a_killed_node) {
  end_one_after_the_other({.nats = true}, {.killed = true,
                                           .event_age_max = milliseconds{4500},
                                           .watched_after = milliseconds{5000},
                                           .nodes = 2});
}

BOOST_AUTO_TEST_CASE(a_node_ends_in_time_while_its_database_does_not_respond) {
  const auto missing = cluster_ground::missing({});
  if (!missing.empty()) return skip(missing);
  const temp_dir dir;
  cluster_ground ground({});
  cluster_options options;
  options.data = dir / "data";
  options.nodes = 1;
  // The database's own limits are longer than the node may take.
  options.settings = {{"STOA_SHUTDOWN_DRAIN_MS", "500"},
                      {"STOA_POSTGRES_CONNECT_TIMEOUT_MS", "60000"},
                      {"STOA_POSTGRES_STATEMENT_TIMEOUT_MS", "60000"}};
  cluster nodes(ground, options);
  nodes.load(1, 10);
  nodes.start();
  ground.postgres().freeze();
  std::this_thread::sleep_for(seconds{2});  // The keepers wait for it now.
  const auto begin = steady_clock::now();
  const auto ended = nodes.node(0).stop();
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  ground.postgres().thaw();
  BOOST_TEST(ended.value_or(0) == 130);
  BOOST_TEST(took.count() < 10'000);
  BOOST_TEST(nodes.node(0).log_end().find("not stopped in time; exiting") != std::string::npos,
             nodes.node(0).log_end());
}

BOOST_AUTO_TEST_SUITE_END()
