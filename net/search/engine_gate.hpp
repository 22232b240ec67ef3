#pragma once
// Whether requests are sent to the engine: after several failures in a row none is, except one from
// time to time that finds out whether the engine responds again. Pure; times are given.

#include <algorithm>
#include <chrono>
#include <mutex>

namespace stoa::search {

class engine_gate {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr int failures_max = 3;
  static constexpr std::chrono::milliseconds pause_min{1'000};
  static constexpr std::chrono::milliseconds pause_max{30'000};

  /// What a result has changed, for the log.
  enum class change { none, lost, back };

  /// Whether a request may be sent. If so, its result must be reported.
  bool enter(clock::time_point now) {
    const std::scoped_lock lock(mutex_);
    if (failures_ < failures_max) return true;
    if (probing_ || now < closed_until_) return false;
    probing_ = true;
    return true;
  }

  change succeeded() {
    const std::scoped_lock lock(mutex_);
    const bool was_lost = failures_ >= failures_max;
    failures_ = 0;
    probing_ = false;
    pause_ = pause_min;
    return was_lost ? change::back : change::none;
  }

  /// `lasting`: a retry would fail, too, so that no further failure is waited for.
  change failed(clock::time_point now, bool lasting) {
    const std::scoped_lock lock(mutex_);
    const bool was_lost = failures_ >= failures_max;
    // Requests that were in progress when the gate closed do not prolong the pause.
    if (was_lost && !probing_) return change::none;
    failures_ = was_lost || lasting ? failures_max : failures_ + 1;
    if (failures_ < failures_max) return change::none;
    closed_until_ = now + pause_;
    pause_ = std::min(2 * pause_, pause_max);
    probing_ = false;
    return was_lost ? change::none : change::lost;
  }

  bool is_open() const {
    const std::scoped_lock lock(mutex_);
    return failures_ < failures_max;
  }

 private:
  mutable std::mutex mutex_;
  int failures_ = 0;
  bool probing_ = false;
  clock::time_point closed_until_{};
  std::chrono::milliseconds pause_ = pause_min;
};

}  // namespace stoa::search
