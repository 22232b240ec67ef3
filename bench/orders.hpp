#pragma once
// Measures the order store alone (the Order service's writers on PostgreSQL, without actors,
// network or other services) and pgbench with the same statements.

#include "bench/contest.hpp"

#include <optional>

namespace stoa::bench {

struct order_run {
  std::string url;     ///< libpq URL of a separate database
  int producers = 32;  ///< each places orders one after another
  int partitions = 1;  ///< writers, each with a thread and a connection
  int seconds = 3;
  int warmup_s = 1;
};

struct order_figures {
  std::uint64_t orders = 0;  ///< within the measuring period
  std::uint64_t all_orders = 0;
  std::uint64_t batches = 0;  ///< of all orders
  histogram times;
  double cpu_s = 0;  ///< of this process, for all orders
};

/// Creates the tables and partitions in an empty database.
void prepare_orders(const std::string& url, int partitions);
/// Throws when an order is rejected.
order_figures place_orders(const order_run& run);

/// A script for pgbench -M prepared that places one order, and its variables (-D).
struct pgbench_script {
  std::string text;
  std::vector<std::string> variables;
};
/// Derived from the statements that the Order service's writer sends for one order.
pgbench_script order_script(const std::string& url);

/// The newest installed pgbench.
std::optional<std::string> pgbench_program();
struct pgbench_run {
  std::string url;
  int clients = 32;
  int seconds = 3;
  std::uint64_t first = 0;  ///< number of the first order; numbers must be unique over all runs
};
struct pgbench_figures {
  double per_second = 0;
  std::uint64_t orders = 0;
  double latency_ms = 0;  ///< mean
  double cpu_s = 0;       ///< of pgbench
};
pgbench_figures run_pgbench(const pgbench_script& script, const pgbench_run& run);

struct orders_options {
  run_options run;
  int rounds = 3;
  int clients = 32;  ///< of pgbench
  std::vector<int> producers{32, 256};
  bool json = false;
};
/// Measures both alternately on a temporary PostgreSQL server with fsync. Prints the figures.
/// Returns the exit code.
int run_orders(const orders_options& options);

}  // namespace stoa::bench
