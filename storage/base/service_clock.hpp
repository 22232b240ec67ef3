#pragma once
// Clocks that a step of the machine's clock does not move.

#include "storage/base/time.hpp"

#include <atomic>

namespace stoa {

/// The machine's clock at the start of the program, and what has passed since. For deadlines and
/// pauses within this process.
const clock& process_time();

/// The clock that all owners of a partition share: that of its database. Between two looks at that
/// clock the time that passes here is added. Thread-safe.
class service_clock final : public clock {
 public:
  service_clock();
  timestamp now() const override { return process_time().now() + microseconds{offset_us_.load()}; }

  /// The shared clock has shown `shown` at some moment between the two of process_time(). What that
  /// leaves open is not corrected. Returns by how much this clock has been set forward.
  microseconds observe(timestamp shown, timestamp asked, timestamp answered);
  /// For a database without a clock of its own: the machine's clock is the shared one.
  microseconds follow(const clock& shared);

 private:
  std::atomic<std::int64_t> offset_us_;  ///< to process_time()
};

/// The time that this process puts into ids and tokens: that of the store's databases, as far as it
/// is known here, or else of the machine.
service_clock& store_time();

}  // namespace stoa
