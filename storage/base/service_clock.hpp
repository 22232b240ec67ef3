#pragma once
// Clocks that are not affected by steps of the machine's clock.

#include "storage/base/time.hpp"

#include <atomic>

namespace stoa {

/// The machine's time at program start plus the elapsed monotonic time. For deadlines and delays
/// within this process.
const clock& process_time();

/// process_time() and system_time() are these clocks while it exists: for a simulation, which runs
/// in one thread and is the only one in its process.
class replaced_clocks {
 public:
  replaced_clocks(const clock& process, const clock& system);
  ~replaced_clocks();
  replaced_clocks(const replaced_clocks&) = delete;
  replaced_clocks& operator=(const replaced_clocks&) = delete;
};

/// Microseconds since a reading of the monotonic clock, for measurements.
inline std::int64_t elapsed_us(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - since).count();
}

/// The clock of a partition's database, shared by all its owners; extrapolated with process_time()
/// between readings. Thread-safe.
class service_clock final : public clock {
 public:
  service_clock();
  timestamp now() const override { return process_time().now() + microseconds{offset_us_.load()}; }

  /// Adjusts to a `reading` of the shared clock, taken between the two values of
  /// process_time(); the uncertainty between them is not corrected. Returns by how much this clock
  /// was set forward.
  microseconds observe(timestamp reading, timestamp sent, timestamp received);
  /// For a database without a clock: the machine's clock is the shared one.
  microseconds follow(const clock& shared);

 private:
  std::atomic<std::int64_t> offset_us_;  ///< to process_time()
};

/// The time for ids and tokens: that of the store's databases if known, otherwise the machine's.
service_clock& store_time();

}  // namespace stoa
