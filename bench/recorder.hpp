#pragma once
// What a load run has timing, by each of its threads and as a whole.

#include "bench/histogram.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::bench {

using load_clock = std::chrono::steady_clock;

/// Operations of one name ("checkout"), or requests of one step of them.
struct timing {
  histogram times;
  std::uint64_t failed = 0;

  void add(const timing& other) {
    times.add(other.times);
    failed += other.failed;
  }
};

/// Everything within the measuring period.
struct measurements {
  std::map<std::string, timing, std::less<>> operations;
  std::map<std::string, timing, std::less<>> steps;
  /// By the response: "checkout: 503 overloaded".
  std::map<std::string, std::uint64_t, std::less<>> errors;
  /// The first unexpected responses.
  std::vector<std::string> samples;
  /// Counted by the scenario, including the warm-up: "orders confirmed".
  std::map<std::string, std::uint64_t, std::less<>> facts;

  void add(const measurements& other);
  histogram all_times() const;
  std::uint64_t done() const;
  std::uint64_t failed() const;
};

inline constexpr std::size_t samples_max = 5;
/// Different errors.
inline constexpr std::size_t errors_max = 200;

/// The operations that ended in one interval.
struct interval {
  histogram times;
  std::uint64_t failed = 0;
};

/// Of one thread. The main thread takes the intervals while it runs.
class load_recorder {
 public:
  /// Set before the thread starts.
  load_clock::time_point begins{};
  load_clock::time_point ends{};

  bool counts(load_clock::time_point now) const { return now >= begins && now < ends; }
  /// `times`: requests that were sent at once, and took this time together.
  void step(std::string_view name, load_clock::duration took, bool ok, std::uint64_t times = 1);
  /// `at`: the time that decides whether it is in the period: its intended start in an open loop,
  /// or else its end.
  void operation(std::string_view name, load_clock::duration took, bool ok,
                 load_clock::time_point at, std::uint64_t times = 1);
  void error(std::string what, std::string sample);
  void fact(std::string_view what, std::uint64_t many = 1) {
    measured_.facts[std::string(what)] += many;
  }

  /// What has been recorded since the last call. From any thread.
  interval take_interval();
  /// When the thread has ended.
  const measurements& all() const { return measured_; }

 private:
  measurements measured_;
  std::mutex mutex_;
  interval interval_;  ///< guarded by mutex_
};

}  // namespace stoa::bench
