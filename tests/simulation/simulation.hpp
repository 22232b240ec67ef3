#pragma once
// One simulated run: a storm of purchases with everything that can go wrong, then calm, then the
// check.

#include "tests/simulation/checker.hpp"

namespace stoa::simulation {

struct run_report {
  std::vector<std::string> violations;
  world_counts happened;
  outcome_counts orders;
};

/// The same seed gives the same run. `trace` prints each step.
run_report run(world_template& from, std::uint64_t seed, bool trace = false);

/// A storm in which one service's database fails over to a replica that lagged. What that loses is
/// not looked at; in the end new customers buy, and all that they order must be decided.
run_report run_fail_over(world_template& from, std::uint64_t seed, bool trace = false);

}  // namespace stoa::simulation
