#pragma once
// The order store alone: the Order service's writers on PostgreSQL, without actors, network or the
// other services; and pgbench with the same statements.

#include "bench/contest.hpp"

#include <optional>

namespace stoa::bench {

struct order_run {
  std::string url;     ///< libpq's, of a database of its own
  int producers = 32;  ///< each places an order, waits for its answer and places the next
  int partitions = 1;  ///< writers, each with a thread and a connection
  int seconds = 3;
  int warmup_s = 1;
};

struct order_figures {
  std::uint64_t orders = 0;  ///< within the time
  std::uint64_t all_orders = 0;
  std::uint64_t batches = 0;  ///< of all orders
  latencies times;
  double cpu_s = 0;  ///< of this process, for all orders
};

/// Makes the tables and the partitions in an empty database.
void prepare_orders(const std::string& url, int partitions);
/// Throws when an order is refused.
order_figures place_orders(const order_run& run);

/// The script of one order for pgbench -M prepared, and the variables that it wants (-D).
struct pgbench_script {
  std::string text;
  std::vector<std::string> variables;
};
/// From what the Order service's writer sends for one order to the database.
pgbench_script order_script(const std::string& url);

/// The newest pgbench of the system.
std::optional<std::string> pgbench_program();
struct pgbench_run {
  std::string url;
  int clients = 32;
  int seconds = 3;
  std::uint64_t first = 0;  ///< number of the first order: no run may meet those of another
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
/// Both by turns, on a PostgreSQL server of its own that syncs; prints the figures; the exit code.
int run_orders(const orders_options& options);

}  // namespace stoa::bench
