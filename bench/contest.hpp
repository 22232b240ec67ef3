#pragma once
// Compares several implementations in one run. Rounds alternate between them, so that all are
// measured under the same conditions.

#include "bench/figures.hpp"

#include <filesystem>
#include <span>
#include <sys/types.h>

namespace stoa::bench {

/// The results of one contender over all rounds.
struct contender {
  std::string name;
  std::vector<double> rates;  ///< operations per second, by round
  histogram times;
  std::uint64_t done = 0;    ///< all operations that used CPU time, including warm-ups
  double program_cpu_s = 0;  ///< user and system time of Stoa
  double servers_cpu_s = 0;  ///< of databases and brokers; 0: not measured
  std::string note;          ///< additional information, for example "11.3 orders a batch"

  double rate() const;  ///< median of the rounds
  double program_cpu_us() const { return done > 0 ? program_cpu_s * 1e6 / double(done) : 0; }
  double servers_cpu_us() const { return done > 0 ? servers_cpu_s * 1e6 / double(done) : 0; }
};

/// Median of the rounds' ratios.
double rate_ratio(const contender& a, const contender& b);

/// A ratio and its target.
struct goal {
  std::string what;
  double ratio = 0;
  double limit = 0;
  enum { at_least, at_most } kind = at_least;

  bool reached() const { return kind == at_least ? ratio >= limit : ratio <= limit; }
};

/// `unit`: the operations, for example "orders".
std::string contest_text(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit);
std::string contest_json(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit);

/// User and system time used by a process and its reaped children; 0 when it does not run.
double cpu_seconds(pid_t pid);
/// The same for a PostgreSQL server with all its processes. `data`: its data directory.
double postgres_cpu_seconds(const std::filesystem::path& data);

}  // namespace stoa::bench
