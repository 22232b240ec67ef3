#pragma once
// Results of a run: counts, durations and outcomes.

#include "bench/recorder.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::bench {

struct run_options {
  std::uint16_t port = 0;
  std::vector<std::uint16_t> other_ports{};  ///< of the same store; clients use all ports
  int concurrency = 64;
  int seconds = 10;
  int warmup_s = 2;
  bool progress = false;  ///< print a line per second on standard error
};

/// The result of one run.
struct figures {
  std::string name;  ///< the operations: "purchases", "product reads"
  double seconds = 0;
  std::uint64_t done = 0;                  ///< within the measuring period, without the warm-up
  std::map<std::string, histogram> steps;  ///< by name; the whole operation under `name`
  std::map<std::string, std::uint64_t> outcomes;  ///< of all operations, including the warm-up
  std::vector<std::string> errors;                ///< the first unexpected responses

  double per_second() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }
  std::string text();
  std::string json();
};

/// The machine: "2 cores of AMD ..., 7.8 GiB memory, Linux 6.1".
std::string machine();

/// Overwrites the current line; end_progress() ends it.
void show_progress(std::string_view line);
void end_progress();

}  // namespace stoa::bench
