#pragma once
// `stoa-bench run`: one scenario against a running server, or one that it starts.

#include "bench/load_engine.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace CLI {
class App;
}

namespace stoa::bench {

struct scenario_options {
  std::string scenario;
  std::string url = "http://127.0.0.1:8080";
  bool start = false;             ///< a server with a new demo store
  std::filesystem::path program;  ///< stoa
  int products = 200;
  int stock = 1'000'000;
  std::filesystem::path data;  ///< of a running server, for the audit
  double rate = 100;
  int connections = 0;  ///< closed loop
  int connections_max = 2000;
  bool poisson = false;
  int threads = 1;
  int seconds = 10;
  int warmup_s = 2;
  int think_ms = 0;
  int timeout_s = 30;
  int reads = 100;
  int cart_changes = 10;
  int purchases = 1;
  int accounts = 20;
  std::string path = "/";  ///< get
  int pipeline = 1;
  std::uint64_t seed = 1;
  std::string json;  ///< file; "-": standard output
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
int run_scenario(const CLI::App& app, scenario_options o);

}  // namespace stoa::bench
