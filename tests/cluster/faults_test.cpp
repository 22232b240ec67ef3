// Proves the checks of the cluster tests: with the same customers, checks and failures they detect
// a program with a planted fault, and report nothing without the fault.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The failures that expose the fault.
enum class failure {
  none,
  kill_nodes,
  kill_postgres,
  lose_answers,
  lose_commits,
  wipe_nats,
  freeze_nodes
};

struct planted {
  const char* fault;
  failure what;
  std::vector<std::string> findings;  ///< each of these indicates the fault
};

const planted all_faults[] = {
    // A reply is sent before the commit; the server dies before it commits.
    {"answer_long_before_commit",
     failure::kill_postgres,
     {"acknowledged", "reported as Confirmed"}},
    // Events count as delivered once sent to the broker, which loses them.
    {"forget_published", failure::wipe_nats, {"still Pending", "still active", "missing"}},
    // The old owner of a partition keeps writing.
    {"no_fencing", failure::freeze_nodes, {"a number was used twice"}},
    // A commit whose answer is lost is assumed to have happened. (The opposite assumption is
    // harmless: the next batch is rejected, because the partition has advanced.)
    {"guess_commit",
     failure::lose_commits,
     {"acknowledged", "reported as Confirmed", "a number was used twice", "missing",
      "still Pending", "still active"}},
    // Duplicate events are applied twice.
    {"skip_inbox", failure::kill_nodes, {"created more than once", "still reserved", "sent more"}},
    // Events are in memory only.
    {"drop_outbox", failure::kill_nodes, {"still Pending", "still active", "missing"}},
};

constexpr int rounds_max = 4;
constexpr seconds settle{5};

std::ostream& operator<<(std::ostream& out, const planted& p) {
  return out << p.fault;
}

constexpr ground_options on{.redis = false, .nats = true, .gates = true, .fsync = true};

/// False, with a message, when a required program is missing.
bool can_run() {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) {
    skip(missing);
  } else {
    return true;
  }
  return false;
}

bool tells(const planted& p, const std::string& violation) {
  return std::any_of(p.findings.begin(), p.findings.end(),
                     [&](const std::string& f) { return violation.find(f) != std::string::npos; });
}
/// The first violation caused by the fault, or "".
std::string finding_in(const planted& p, const std::vector<std::string>& violations) {
  const auto found = std::find_if(violations.begin(), violations.end(),
                                  [&](const auto& v) { return tells(p, v); });
  return found == violations.end() ? "" : *found;
}

/// The servers of all stores.
cluster_ground& ground() {
  static cluster_ground one(on);
  return one;
}

/// A store whose nodes all have one planted fault.
class faulty_cluster {
 public:
  explicit faulty_cluster(const planted& p)
      : planted_(p), nodes_(ground(), options(dir_ / "data", p.fault)) {
    nodes_.load(10, 5000);
    nodes_.start();
    watch_outboxes(ground().postgres(), name());
    check_ = {nodes_.data(), true, true, read_stock(nodes_.data()), {}};
  }

  /// Customers shop for a while during the failures; returns the violations.
  std::vector<std::string> round(milliseconds limit) {
    shopper_options o;
    const auto ports = nodes_.ports();
    o.port = ports.front();
    o.other_ports.assign(ports.begin() + 1, ports.end());
    o.seed = static_cast<std::uint64_t>(++rounds_);
    o.shoppers = 10;
    o.pause = milliseconds{20};
    o.request_limit = request_deadline + checkout_wait + seconds{4};
    o.patience = planted_.fault[0] ? seconds{8} : seconds{60};
    for (const auto& [hex, units] : check_.initial) o.products.push_back(uuid_text(hex));
    shoppers customers(o);
    customers.start();
    std::this_thread::sleep_for(milliseconds{800});
    for (int i = 0; i < 4; ++i) make_trouble(i);
    nodes_.await_ready();
    customers.finish();
    auto shopping = customers.take();
    for (auto& t : shopping.reported) check_.reported.push_back(std::move(t));
    std::vector<std::string> found;
    for (const auto& c : shopping.complaints) found.push_back("invalid answer to a customer: " + c);
    for (auto& n : numbers_used_twice(ground().postgres(), name())) found.push_back(std::move(n));
    // These hold at any time; the others only after the store has settled.
    if (!finding_in(planted_, found).empty()) return found;
    const bool quiet = await_quiet(check_.data, limit);
    // A planted fault usually leaves work open; without one the open work is printed.
    if (!quiet && !planted_.fault[0]) report_open_work(limit);
    for (auto& v : check_store(check_).violations) found.push_back(std::move(v));
    return found;
  }

 private:
  const std::string& name() const { return nodes_.store(); }
  void report_open_work(milliseconds later) {
    BOOST_TEST_MESSAGE("failure " << static_cast<int>(planted_.what) << ", not quiet"
                                  << what_stays_open(check_.data, later));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      BOOST_TEST_MESSAGE("node " << i << ":\n" << nodes_.node(i).log_end());
    }
  }

  static cluster_options options(const std::filesystem::path& data, const std::string& fault) {
    cluster_options o;
    o.program = stoa_with_faults();
    o.data = data;
    o.nodes = 2;
    static int stores = 0;
    o.store = "shop" + std::to_string(++stores);
    o.settings = short_cluster_timeouts();
    o.settings.emplace_back("STOA_FAULT", fault);
    return o;
  }

  void make_trouble(int turn) {
    auto& node = nodes_.node(static_cast<std::size_t>(turn) % nodes_.size());
    switch (planted_.what) {
      case failure::none:
        break;
      case failure::kill_nodes:
        node.kill();
        node.launch();
        break;
      case failure::kill_postgres:
        ground().postgres().kill();
        ground().postgres().start();
        break;
      case failure::lose_answers: {
        auto& gate = *ground().gates().front().second;
        gate.hold_answers();
        std::this_thread::sleep_for(milliseconds{300});
        gate.reset();
        gate.resume();
        break;
      }
      case failure::lose_commits: {
        // What the nodes send while the proxy holds never arrives.
        auto& gate = *ground().gates().front().second;
        gate.hold();
        std::this_thread::sleep_for(milliseconds{300});
        gate.reset();
        gate.resume();
        break;
      }
      case failure::wipe_nats:
        ground().nats().wipe();
        ground().nats().start();
        break;
      case failure::freeze_nodes:
        if (turn > 1) return;
        node.freeze();
        std::this_thread::sleep_for(seconds{4});
        node.thaw();
        break;
    }
    std::this_thread::sleep_for(milliseconds{700});
  }

  const planted planted_;
  temp_dir dir_;
  cluster nodes_;
  check_options check_;
  int rounds_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_is_found) {
  if (!can_run()) return;
  for (const auto what : {failure::kill_nodes, failure::lose_answers}) {
    faulty_cluster store({"", what, {}});
    const auto found = store.round(seconds{30});
    BOOST_TEST(found.empty());
    for (const auto& v : found) BOOST_ERROR(v);
  }
}

BOOST_DATA_TEST_CASE(a_planted_fault_is_found, boost::unit_test::data::make(all_faults), fault) {
  if (!can_run()) return;
  faulty_cluster store(fault);
  std::string finding;
  for (int i = 0; i < rounds_max && finding.empty(); ++i) {
    finding = finding_in(fault, store.round(settle));
  }
  BOOST_TEST(!finding.empty(), "the checks did not detect " << fault.fault);
  BOOST_TEST_MESSAGE(fault.fault << ": " << finding);
}

BOOST_AUTO_TEST_SUITE_END()
