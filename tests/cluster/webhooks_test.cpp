// Outgoing webhooks of three nodes: the owner of a partition is killed while its requests wait for
// their responses. Every event arrives, in the order of each order's events, and the log of the
// deliveries is complete. A node that does not continue the deliveries is detected.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/webhook_log.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int partitions = 2;
constexpr int concurrency = 2;  ///< webhooks.concurrency, for each partition
/// So many requests at once are of both partitions.
constexpr int held_min = concurrency + 1;
/// Longer than requests are held.
constexpr milliseconds webhook_timeout{4000};
constexpr seconds settle_limit{60};

/// Responds at once, or holds all requests until they are released.
class holding_receiver {
 public:
  webhook_receiver& all() { return receiver_; }

  void hold() {
    const std::scoped_lock lock(mutex_);
    holding_ = true;
  }
  bool holds(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds{30}, [&] { return held_ >= count; });
  }
  /// Responds to the held requests with the status; later ones are accepted.
  void release(int status) {
    const std::scoped_lock lock(mutex_);
    holding_ = false;
    status_ = status;
    changed_.notify_all();
  }

 private:
  int respond() {
    std::unique_lock lock(mutex_);
    if (!holding_) return 204;
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holding_; });
    --held_;
    return status_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false;
  int held_ = 0;
  int status_ = 204;
  webhook_receiver receiver_{[this](const received_webhook&) { return respond(); }};
};

constexpr ground_options on{.redis = true, .nats = true};

class hooked_cluster {
 public:
  explicit hooked_cluster(const std::string& fault = {}) : nodes_(ground_, options(fault)) {
    nodes_.load(20, 100'000);
    nodes_.create_root();
    nodes_.start();
    check_ = {nodes_.data(), true, true, read_stock(nodes_.data()), {}};
    secret_ = subscribe_webhook(nodes_.ports().front(), receiver_.all().url());
    customers_.emplace(customers());
    customers_->start();
  }
  ~hooked_cluster() { receiver_.release(204); }
  hooked_cluster(const hooked_cluster&) = delete;
  hooked_cluster& operator=(const hooked_cluster&) = delete;

  /// Kills the owner of the partition of notifications while it waits for responses, which the
  /// receiver then sends to the dead node, and restarts it after another node has taken over.
  void kill_owner(int partition, int response) {
    const auto before = receiver_.all().accepted();
    BOOST_TEST(eventually([&] { return receiver_.all().accepted() > before; }));
    receiver_.hold();
    BOOST_TEST(receiver_.holds(held_min));
    const auto victim = owner_of(partition);
    nodes_.node(victim).kill();
    receiver_.release(response);
    BOOST_TEST(eventually([&] { return owner_of(partition) != victim; }));
    nodes_.node(victim).start();
  }

  /// Ends the purchases and waits for the deliveries; returns what was violated.
  std::vector<std::string> violations(seconds limit = settle_limit) {
    customers_->finish();
    auto shopping = customers_->take();
    const bool quiet = await_quiet(check_.data, limit);
    const auto received = receiver_.all().received();
    auto found = webhook_violations(received, events_of_orders(check_.data), secret_);
    log_ = read_webhook_log(check_.data, received);
    found.insert(found.end(), log_.violations.begin(), log_.violations.end());
    if (!quiet) found.push_back("work is open" + what_stays_open(check_.data, seconds{1}));
    check_.reported = std::move(shopping.reported);
    const auto report = check_store(check_);
    found.insert(found.end(), report.violations.begin(), report.violations.end());
    found.insert(found.end(), shopping.complaints.begin(), shopping.complaints.end());
    BOOST_TEST_MESSAGE(report.text() << log_.deliveries << " deliveries, " << log_.attempts
                                     << " attempts in the log, " << log_.interrupted
                                     << " interrupted, " << received.size() << " received, "
                                     << accepted_again() << " accepted more than once");
    return found;
  }
  const webhook_log& log() const { return log_; }
  /// Events that were accepted more than once.
  std::int64_t accepted_again() {
    std::map<std::string, int> accepted;
    for (const auto& r : receiver_.all().received()) {
      if (webhook_receiver::is_success(r.status)) ++accepted[r.id];
    }
    return std::ranges::count_if(accepted, [](const auto& one) { return one.second > 1; });
  }

 private:
  cluster_options options(const std::string& fault) const {
    cluster_options o;
    o.data = dir_ / "data";
    o.settings = short_cluster_timeouts();
    for (auto& s : loopback_webhooks(webhook_timeout)) o.settings.push_back(std::move(s));
    o.settings.emplace_back("STOA_WEBHOOKS_CONCURRENCY", std::to_string(concurrency));
    if (fault.empty()) return o;
    o.program = stoa_with_faults();
    o.settings.emplace_back("STOA_FAULT", fault);
    return o;
  }
  shopper_options customers() const {
    shopper_options o;
    const auto ports = nodes_.ports();
    o.port = ports.front();
    o.other_ports.assign(ports.begin() + 1, ports.end());
    o.shoppers = 6;
    o.pause = milliseconds{50};
    o.request_limit = request_deadline + checkout_wait + seconds{4};
    o.cancel_percent = 40;  // Orders with three events: confirmed, cancelled, refunded.
    for (const auto& [hex, units] : check_.initial) o.products.push_back(uuid_text(hex));
    return o;
  }
  /// The node that owns the partition; waits while none does.
  std::size_t owner_of(int partition) {
    std::string owner;
    eventually([&] {
      owner = ground_.postgres().run(
          "shop_notification",
          "SELECT owner FROM partition WHERE partition=" + std::to_string(partition));
      return !owner.empty();
    });
    return std::stoul(owner.substr(owner.rfind('-') + 1)) - 1;
  }

  const temp_dir dir_;
  holding_receiver receiver_;
  cluster_ground ground_{on};
  cluster nodes_;
  check_options check_;
  std::string secret_;
  std::optional<shoppers> customers_;
  webhook_log log_;
};

bool can_run() {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cluster_webhooks)

BOOST_AUTO_TEST_CASE(no_event_is_lost_when_the_owner_of_a_partition_is_killed) {
  if (!can_run()) return;
  hooked_cluster store;
  // The receiver rejects the interrupted requests of one node, and accepts those of the other.
  store.kill_owner(0, no_response);
  store.kill_owner(1, 204);
  for (const auto& v : store.violations()) BOOST_ERROR(v);
  BOOST_TEST(store.log().deliveries > 20);
  // Without these the test would not have covered its subject.
  BOOST_TEST(store.log().interrupted > 0);
  BOOST_TEST(store.accepted_again() > 0);
}

BOOST_AUTO_TEST_CASE(a_node_that_does_not_continue_deliveries_is_detected) {
  if (!can_run()) return;
  hooked_cluster store("ignore:notification.send_due_webhook");
  for (int partition = 0; partition < partitions; ++partition) {
    store.kill_owner(partition, no_response);
  }
  const auto found = store.violations(seconds{15});
  for (const std::string finding : {"lost: order.confirmed", "not delivered"}) {
    BOOST_TEST(
        std::ranges::any_of(found, [&](const std::string& v) { return v.starts_with(finding); }),
        "not detected: " << finding);
  }
}

BOOST_AUTO_TEST_SUITE_END()
