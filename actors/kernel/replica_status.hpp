#pragma once
// Whether a service's replica may answer, by how far it lags. The bound: what was committed
// `lag_max` ago is on the replica. It is proved with this node's own clock: a position in the log
// of changes that the primary had after a moment, and that the replica has reached.

#include "storage/base/time.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

namespace stoa::kernel {

/// Pure. Positions of a primary that has been replaced, and is behind, are forgotten.
class replica_lag {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The primary was asked at that moment: all commits before have a position up to this one.
  void primary_at(time_point asked, std::int64_t position);
  /// The replica shows all changes up to the position.
  void replica_at(std::int64_t position);

  /// All that was committed before is on the replica; nothing is known before the first proof.
  std::optional<time_point> proved() const { return proved_; }
  /// Age of the oldest position that the replica has not reached.
  microseconds lag(time_point now) const;

 private:
  struct sample {
    time_point asked;
    std::int64_t position;
  };
  std::deque<sample> waiting_;  ///< in order, not reached by the replica
  std::int64_t newest_ = std::numeric_limits<std::int64_t>::min();
  std::optional<time_point> proved_;
};

/// What the node knows of a service's replica. Thread-safe.
class replica_status {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The replica may answer now.
  bool usable() const;
  /// It may answer until then, unless it is set aside.
  void allow_until(time_point until, microseconds lag);
  /// It may not answer, because of this.
  void refuse(const std::string& reason, microseconds lag);
  /// A query failed there: it is not asked again for some time.
  void set_aside(const std::string& reason);

  microseconds lag() const { return microseconds{lag_us_.load()}; }
  /// Why it may not answer; empty while it may.
  std::string reason() const;

 private:
  std::atomic<std::int64_t> usable_until_ns_{0};
  std::atomic<std::int64_t> aside_until_ns_{0};
  std::atomic<std::int64_t> lag_us_{0};
  mutable std::mutex mutex_;
  std::string reason_ = "its lag is not known yet";
  std::string aside_reason_;
};

}  // namespace stoa::kernel
