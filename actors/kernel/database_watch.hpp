#pragma once
// Tracks whether a service's database is reachable, as observed by this node's actors. All of them
// meet the same failure many times a second, so it is logged here: when it begins, while it lasts,
// and when it ends.

#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

namespace stoa::kernel {

/// Thread-safe.
class database_watch {
 public:
  explicit database_watch(std::string service) : service_(std::move(service)) {}

  /// An operation ("read", "batch") has failed. True when the database was unreachable, which is
  /// logged here; the caller logs any other error.
  bool failed(std::string_view operation, const db::error& e);
  /// An operation on the primary has succeeded.
  void succeeded() {
    if (since_us_.load(std::memory_order_relaxed) != 0) end();
  }
  /// Since when it is unreachable, in microseconds since 1970; 0: it is reachable.
  std::int64_t failing_since_us() const { return since_us_.load(std::memory_order_relaxed); }

 private:
  void end();

  const std::string service_;
  std::atomic<std::int64_t> since_us_{0};
  std::mutex mutex_;
  timestamp logged_at_;
  std::int64_t failures_ = 0;  ///< since the outage began
};

}  // namespace stoa::kernel
