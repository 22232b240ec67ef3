#pragma once
// How far the clocks of the nodes and of their databases differ, and when that is worth a line in
// the log. Thread-safe and free of CAF.

#include "actors/kernel/metrics.hpp"
#include "storage/base/service_clock.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace stoa::kernel {

/// A difference of more is reported.
inline constexpr seconds clock_skew_reported{1};

class clock_watch {
 public:
  /// A clock that differs by more than `most` from a database's is beyond the limit.
  clock_watch(microseconds most, kernel_metrics& metrics) : most_(most), metrics_(metrics) {}

  /// By how much this node's clock is ahead of that of the service's database.
  void database(const std::string& service, microseconds ahead);
  /// The clock by which the service goes has been set by so much since it was last looked at.
  void moved(const std::string& service, microseconds by);
  /// By how much another node's clock is ahead of this node's, as its state says that has just
  /// come. States that have been on their way for long seem to come from a clock that is behind, so
  /// that the greatest of the last ones counts.
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
