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

}  // namespace stoa::simulation
