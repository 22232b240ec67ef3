#pragma once
// Several ways of doing the same, measured by turns in one run, so that all of them meet the same
// machine and their ratios are fair.

#include "bench/figures.hpp"

#include <filesystem>
#include <span>
#include <sys/types.h>

namespace stoa::bench {

/// What one of them has done, over all rounds.
struct contender {
  std::string name;
  std::vector<double> rates;  ///< done a second, one a round
  latencies times;
  std::uint64_t done = 0;    ///< all that the CPU time was used for, the warm-ups too
  double program_cpu_s = 0;  ///< user and system, of Stoa
  double servers_cpu_s = 0;  ///< of the databases and brokers; 0: not measured
  std::string note;          ///< what else there is to say, as "11.3 orders a batch"

  double rate() const;  ///< median of the rounds
  double program_cpu_us() const { return done > 0 ? program_cpu_s * 1e6 / double(done) : 0; }
  double servers_cpu_us() const { return done > 0 ? servers_cpu_s * 1e6 / double(done) : 0; }
};

/// Median of the rounds' ratios.
double rate_ratio(const contender& a, const contender& b);

/// A ratio, and what it should be.
struct goal {
  std::string what;
  double ratio = 0;
  double limit = 0;
  enum { at_least, at_most } kind = at_least;

  bool reached() const { return kind == at_least ? ratio >= limit : ratio <= limit; }
};

/// `unit`: what is done, as "orders".
std::string contest_text(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit);
std::string contest_json(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit);

/// User and system time that a process has used so far, with the children whose end it has seen;
/// 0 when it does not run.
double cpu_seconds(pid_t pid);
/// The same of a PostgreSQL server with all its processes: one for each connection. `data`: its
/// data folder.
double postgres_cpu_seconds(const std::filesystem::path& data);

}  // namespace stoa::bench
