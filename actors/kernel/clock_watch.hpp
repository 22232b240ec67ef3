#pragma once
// Tracks and logs the differences between the clocks of the nodes and of their databases.
// Thread-safe and free of CAF.

#include "actors/kernel/metrics.hpp"
#include "storage/base/service_clock.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace stoa::kernel {

/// Larger differences are logged.
inline constexpr seconds clock_skew_reported{1};

class clock_watch {
 public:
  /// `most`: the limit for the difference between this node's clock and a database's.
  clock_watch(microseconds most, kernel_metrics& metrics) : most_(most), metrics_(metrics) {}

  /// By how much this node's clock is ahead of the service's database clock.
  void database(const std::string& service, microseconds ahead);
  /// By how much the service's clock has been set since it was last read.
  void moved(const std::string& service, microseconds by);
  /// By how much another node's clock is ahead of this node's, according to a received state.
  /// Delayed states make the clock appear behind, so that the greatest of the last values counts.
  void peer(const std::string& node, microseconds ahead);
  void gone(const std::string& node);

  /// The greatest difference to a database's clock.
  microseconds ahead() const;
  bool beyond() const;

 private:
  enum class level { agrees, differs, beyond };
  struct peer_clock {
    std::deque<microseconds> last;
    bool differs = false;
  };

  level level_of(microseconds ahead, level before) const;
  microseconds greatest() const;

  const microseconds most_;
  kernel_metrics& metrics_;
  mutable std::mutex mutex_;
  std::map<std::string, microseconds> databases_;
  std::map<std::string, peer_clock> peers_;
  level level_ = level::agrees;
};

}  // namespace stoa::kernel
