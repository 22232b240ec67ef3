#pragma once
// `stoa-bench run`: one scenario against a running server, or one that it starts.

#include "bench/agents.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::bench {

struct scenario_options {
  load_order order;
  target_options target;  ///< its URL is the order's
  team_options team;
  bool start = false;             ///< a server with a new demo store
  std::filesystem::path program;  ///< stoa
  int products = 200;
  int stock = 1'000'000;
  std::filesystem::path data;  ///< of a running server, for the audit
  std::string json;            ///< file; "-": standard output
  std::filesystem::path hdr;
  std::filesystem::path html;
  bool ramp = false;
  double p99_ms = 50;         ///< limit of the ramp
  double errors_percent = 0;  ///< likewise, of the operations
  bool progress = false;
};

/// `stoa-bench compare`: two reports.
struct compare_options {
  std::filesystem::path a;
  std::filesystem::path b;
  std::filesystem::path html;
};

void add_compare_flags(CLI::App& app, compare_options& o);
int run_compare(const compare_options& o);

void add_scenario_flags(CLI::App& app, scenario_options& o);
/// Returns the exit code: 1 when an operation failed, was not started, or the audit failed.
int run_scenario(scenario_options o);

void add_target_flags(CLI::App& app, target_options& o);
void add_agent_flags(CLI::App& app, agent_options& o);

}  // namespace stoa::bench
