// Seeded purchases under crashes, lost, repeated and reordered messages, a slow bank and a slow
// mail.
//   simulation_purchase_test                          600 seeds (STOA_TEST_SEEDS=n for more)
//   simulation_purchase_test -- --seeds=5000          the same
//   simulation_purchase_test -- --seed=17 --trace     one seed, each step printed

#include "config/log.hpp"
#include "tests/simulation/simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace {

using namespace stoa::simulation;

constexpr std::uint64_t seeds_default = 600;

struct arguments {
  std::uint64_t first = 1;
  std::uint64_t count = seeds_default;
  bool trace = false;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t n = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(text));
  }
  return n;
}

arguments read_arguments() {
  arguments a;
  if (const char* seeds = std::getenv("STOA_TEST_SEEDS")) a.count = number(seeds);
  const auto& suite = boost::unit_test::framework::master_test_suite();
  for (int i = 1; i < suite.argc; ++i) {
    std::string_view one = suite.argv[i];
    if (one.starts_with("--seed=")) {
      a.first = number(one.substr(7));
      a.count = 1;
    } else if (one.starts_with("--seeds=")) {
      a.count = number(one.substr(8));
    } else if (one == "--trace") {
      a.trace = true;
    } else {
      throw std::invalid_argument("unknown argument " + std::string(one));
    }
  }
  return a;
}

/// Suppresses the kernel's warnings, which only report planned faults.
struct quiet_log {
  quiet_log() {
    stoa::log::options o;
    o.least = stoa::log::level::off;
    stoa::log::start(o);
  }
  ~quiet_log() { stoa::log::stop(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(simulation, quiet_log)

BOOST_AUTO_TEST_CASE(purchases_survive_everything) {
  auto a = read_arguments();
  world_template from;
  world_counts happened;
  outcome_counts orders;
  auto started = std::chrono::steady_clock::now();
  std::size_t failed = 0;
  for (std::uint64_t seed = a.first; seed < a.first + a.count && failed < 10; ++seed) {
    auto report = run(from, seed, a.trace);
    happened.add(report.happened);
    orders.add(report.orders);
    if (report.violations.empty()) continue;
    ++failed;
    for (const auto& v : report.violations) BOOST_ERROR("seed " << seed << ": " << v);
    BOOST_TEST_MESSAGE("replay: simulation_purchase_test -- --seed=" << seed << " --trace");
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  BOOST_TEST_MESSAGE(a.count << " seeds in " << took.count() << " s: " << happened.steps
                             << " steps, " << happened.batches << " batches, " << happened.crashes
                             << " crashes, " << happened.crashes_in_batch << " of batches, "
                             << happened.failed_batches << " batches not saved, "
                             << happened.restarts << " restarts, " << happened.deliveries
                             << " deliveries, " << happened.duplicates << " duplicated, "
                             << happened.lost_verdicts << " verdicts lost");
  BOOST_TEST_MESSAGE(orders.orders << " orders: " << orders.confirmed << " stand, "
                                   << orders.cancelled << " cancelled (" << orders.declined
                                   << " declined, " << orders.sold_out << " sold out), "
                                   << orders.refunded << " refunded, " << orders.mails << " mails; "
                                   << happened.webhooks << " webhooks, "
                                   << happened.webhooks_repeated << " of them repeated, "
                                   << happened.webhooks_rejected << " rejected");
  BOOST_TEST_MESSAGE(orders.captured_at_shipment
                     << " captured at shipment, " << orders.shipments_declined
                     << " shipments declined, " << orders.voided << " voided; "
                     << orders.refunded_lines << " lines refunded, " << orders.restocked
                     << " refunds restocked, " << orders.split << " reservations split, "
                     << orders.moved << " changes of stock by moves of allocations");
  if (a.count < 100) return;
  // A simulation without faults would pass as well.
  BOOST_TEST(orders.confirmed > a.count);
  BOOST_TEST(orders.declined > a.count / 20);
  BOOST_TEST(orders.sold_out > a.count / 20);
  BOOST_TEST(orders.redeemed > a.count / 2);
  BOOST_TEST(orders.paid_with_credit > a.count / 4);
  BOOST_TEST(orders.credit_refunded > a.count / 50);
  BOOST_TEST(orders.redemptions_rejected > a.count / 50);
  BOOST_TEST(orders.refunded > a.count / 20);
  BOOST_TEST(orders.captured_at_shipment > a.count / 20);
  BOOST_TEST(orders.shipments_declined > a.count / 30);
  BOOST_TEST(orders.voided > a.count / 20);
  BOOST_TEST(orders.refunded_lines > a.count / 10);
  BOOST_TEST(orders.restocked > a.count / 20);
  BOOST_TEST(orders.split > a.count / 20);
  BOOST_TEST(orders.moved > a.count / 10);
  BOOST_TEST(happened.crashes > a.count);
  BOOST_TEST(happened.crashes_in_batch > a.count / 4);
  BOOST_TEST(happened.failed_batches > a.count / 4);
  BOOST_TEST(happened.webhooks > 10 * a.count);
  BOOST_TEST(happened.webhooks_repeated > 5 * a.count);
  BOOST_TEST(happened.webhooks_rejected > a.count);
}

/// A fifth of the seeds, because these runs are longer.
BOOST_AUTO_TEST_CASE(after_a_fail_over_that_loses_changes_everything_new_works) {
  const auto a = read_arguments();
  world_template from;
  world_counts happened;
  outcome_counts orders;
  const auto count = std::max<std::uint64_t>(a.count / 5, 1);
  std::size_t failed = 0;
  for (std::uint64_t seed = a.first; seed < a.first + count && failed < 10; ++seed) {
    const auto report = run_fail_over(from, seed, a.trace);
    happened.add(report.happened);
    orders.add(report.orders);
    if (!report.violations.empty()) ++failed;
    for (const auto& v : report.violations) BOOST_ERROR("seed " << seed << ": " << v);
  }
  BOOST_TEST_MESSAGE(count << " fail-overs: " << orders.orders << " new orders, "
                           << orders.confirmed << " confirmed, " << orders.declined << " declined; "
                           << happened.partitions_lost << " partitions lost, " << happened.gaps
                           << " gaps noticed");
  if (count < 100) return;
  BOOST_TEST(happened.partitions_lost > count / 10);
  BOOST_TEST(happened.gaps > count / 50);
}

BOOST_AUTO_TEST_CASE(a_seed_repeats_its_run) {
  world_template from;
  for (std::uint64_t seed : {7U, 42U}) {
    auto first = run(from, seed);
    auto second = run(from, seed);
    BOOST_TEST(first.happened.batches == second.happened.batches);
    BOOST_TEST(first.happened.deliveries == second.happened.deliveries);
    BOOST_TEST(first.happened.crashes_in_batch == second.happened.crashes_in_batch);
    BOOST_TEST(first.orders.mails == second.orders.mails);
    BOOST_TEST(first.orders.confirmed == second.orders.confirmed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
