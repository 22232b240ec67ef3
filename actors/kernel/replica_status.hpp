#pragma once
// Whether a service's replica may answer queries, by its lag. The guarantee: all commits older than
// replica_lag_max are on the replica. It is proved with this node's clock alone: the replica has
// reached a log position that the primary reported at a known time.

#include "storage/base/time.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

namespace stoa::kernel {

/// Pure. When the primary's position decreases (it has been replaced), earlier ones are dropped.
class replica_lag {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The primary's position, requested at `asked`: earlier commits have at most this position.
  void primary_at(time_point asked, std::int64_t position);
  /// The replica has applied all changes up to the position.
  void replica_at(std::int64_t position);

  /// All commits before this time are on the replica; empty before the first proof.
  std::optional<time_point> proved() const { return proved_; }
  /// Age of the oldest position that the replica has not reached.
  microseconds lag(time_point now) const;

 private:
  struct sample {
    time_point asked;
    std::int64_t position;
  };
  std::deque<sample> waiting_;  ///< in order; not reached by the replica yet
  std::int64_t newest_ = std::numeric_limits<std::int64_t>::min();
  std::optional<time_point> proved_;
};

/// The state of a service's replica. Thread-safe.
class replica_status {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The replica may answer now.
  bool usable() const;
  /// It may answer until then, unless set aside.
  void allow_until(time_point until, microseconds lag);
  /// It may not answer, for this reason.
  void refuse(const std::string& reason, microseconds lag);
  /// A query failed on it: it is not used for some time.
  void set_aside(const std::string& reason);

  microseconds lag() const { return microseconds{lag_us_.load()}; }
  /// Why it may not answer; empty while it may.
  std::string reason() const;

 private:
  std::atomic<std::int64_t> usable_until_ns_{0};
  std::atomic<std::int64_t> aside_until_ns_{0};
  std::atomic<std::int64_t> lag_us_{0};
  mutable std::mutex mutex_;
  std::string reason_ = "its lag is unknown yet";
  std::string aside_reason_;
};

}  // namespace stoa::kernel
