#pragma once
// Load from several machines: `stoa-bench agent` waits for orders, and `stoa-bench run --agents`
// gives each agent a part, starts them at the same time, and adds their histograms without loss.
//
// A line of JSON each way: an order and "ready", a start and the report. The start is relative, so
// that the machines' clocks do not matter.

#include "bench/load_order.hpp"

namespace stoa::bench {

struct agent_options {
  std::string listen = "127.0.0.1:7080";
  std::string token_file;  ///< required to listen on other addresses than loopback
  std::int64_t runs = 0;   ///< ends after this many; 0: never
  target_options target;   ///< what its user permits
};
/// Serves one leader at a time, until it is stopped. Returns the exit code.
int run_agent(const agent_options& options);

struct team_options {
  std::vector<std::string> agents;  ///< host:port
  std::string token_file;
};

/// Runs the order on all agents. Throws std::runtime_error with the agent's address and its message
/// when one of them cannot run it: the others' results are not used.
run_report run_on_agents(const team_options& team, const load_order& order,
                         const load_watch& watch);

}  // namespace stoa::bench
