#pragma once
// Compares purchases on one node and on several, on SQLite and on PostgreSQL, and measures the cost
// of a message between nodes.

#include "bench/figures.hpp"

#include <filesystem>

namespace stoa::bench {

struct cluster_options {
  std::filesystem::path program;  ///< stoa
  run_options run;
  int rounds = 3;
  int products = 200;
  int stock = 1'000'000;
  bool brokers = false;  ///< also three nodes with NATS and Redis
  bool json = false;
};
/// Starts all servers and nodes, measures the setups alternately, verifies the data, and prints the
/// figures. Returns the exit code.
int run_cluster(const cluster_options& options);

}  // namespace stoa::bench
