#pragma once
// One simulated run: purchases under all kinds of faults, then recovery, then the checks.

#include "tests/simulation/checker.hpp"

namespace stoa::simulation {

struct run_report {
  std::vector<std::string> violations;
  world_counts happened;
  outcome_counts orders;
};

/// The same seed gives the same run. `trace` prints each step.
run_report run(world_template& from, std::uint64_t seed, bool trace = false);

/// A run in which one service's database fails over to a lagging replica. Lost changes are not
/// checked; at the end new customers buy, and all their orders must be decided.
run_report run_fail_over(world_template& from, std::uint64_t seed, bool trace = false);

}  // namespace stoa::simulation
