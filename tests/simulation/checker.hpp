#pragma once
// What must be true of the store once all is quiet, whatever has happened before.

#include "tests/simulation/buyers.hpp"

namespace stoa::simulation {

/// What became of the orders of a run.
struct outcome_counts {
  std::size_t orders = 0;
  std::size_t confirmed = 0;  ///< or further
  std::size_t cancelled = 0;
  std::size_t refunded = 0;
  std::size_t declined = 0;
  std::size_t sold_out = 0;
  std::size_t mails = 0;
  void add(const outcome_counts& other);
};

/// Each sentence tells of one truth that does not hold; empty = all well.
std::vector<std::string> check(world& w, const buyers& people, outcome_counts& counts);

}  // namespace stoa::simulation
