// The cluster's protocol under faults, by seed: no command is lost, repeated or reordered, and
// everything that was accepted is done in the end. STOA_TEST_SEED runs one seed and prints it,
// STOA_TEST_SEEDS another number of seeds.

#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "tests/support/simulated_run.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

using namespace stoa;
using namespace stoa::test;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

simulated_result run(std::uint64_t seed) {
  // Writers of a service's only partition keep records.
  static const simulated_store one(1);
  static const simulated_store two(2);
  const bool single = seed % 3 == 0;
  return simulated_run(seed, single ? one : two).run();
}

struct quiet_log {
  quiet_log() {
    log::options o;
    o.least = log::level::off;
    log::start(o);
  }
};

constexpr const char* planted[] = {"skip_inbox",           "skip_idempotency", "drop_outbox",
                                   "answer_before_commit", "guess_commit",     "no_fencing",
                                   "trust_delivery"};
constexpr std::uint64_t seeds_with_fault_max = 300;

}  // namespace

BOOST_AUTO_TEST_SUITE(cluster_simulation, *boost::unit_test::fixture<quiet_log>())

BOOST_AUTO_TEST_CASE(any_order_of_faults_and_messages_does_each_command_once) {
  const auto one = number_from("STOA_TEST_SEED", 0);
  const auto first = one != 0 ? one : 1;
  const auto last = one != 0 ? one : number_from("STOA_TEST_SEEDS", 1000);
  std::map<std::string, int> counts;
  for (auto seed = first; seed <= last; ++seed) {
    const auto found = run(seed);
    for (const auto& v : found.violations) BOOST_ERROR("seed " << seed << ": " << v);
    for (const auto& [what, many] : found.counts) counts[what] += many;
    if (!found.violations.empty() && one == 0 && seed > first + 20) break;
  }
  for (const auto& [what, many] : counts) BOOST_TEST_MESSAGE(what << ": " << many);
  if (one == 0) {
    for (const auto* what : {"crash", "cut", "isolate", "reset", "stop", "clock", "database away",
                             "commit lost", "cordon", "retries", "partitions taken"}) {
      BOOST_TEST(counts[what] > 0, what);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_seed_runs_the_same_way_again) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const auto first = run(seed);
    const auto second = run(seed);
    BOOST_TEST(first.fingerprint == second.fingerprint, "seed " << seed);
    BOOST_TEST(first.fingerprint != run(seed + 1000).fingerprint);
  }
}

BOOST_AUTO_TEST_CASE(each_planted_fault_is_found) {
  for (const auto* fault : planted) {
    plant_fault(fault);
    std::uint64_t seed = 1;
    while (seed <= seeds_with_fault_max && run(seed).violations.empty()) ++seed;
    plant_fault("");
    BOOST_TEST(seed <= seeds_with_fault_max, fault);
    BOOST_TEST_MESSAGE(fault << ": found by seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
