#pragma once
// How many requests a node works on at once. Whoever takes in more than it can answer in time works
// for callers who have given up, and in the end for nobody. No fixed bound fits every machine, so
// this one follows what the node gets done: while requests take longer than the target, as many are
// let in as it finishes in the target's time (Little's law, L = throughput x time); the bound grows
// again while they are in time. Compare the limits of Netflix's concurrency-limits.

#include "storage/base/time.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

namespace stoa::front {

struct admission_limits {
  std::int64_t most = 2048;      ///< requests under way, however fast they are
  microseconds target{500'000};  ///< mean time that requests may take before fewer are let in
};

/// Thread-safe.
class admission {
 public:
  using clock = std::chrono::steady_clock;

  /// What is let in at least, however slow the node is: enough to notice that it has become faster.
  static constexpr std::int64_t least = 16;
  /// How often the bound is looked at, as a part of the target.
  static constexpr int windows_per_target = 2;

  /// A request's place among those under way; gives itself back when it goes.
  class place {
   public:
    place() = default;
    place(place&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)), since_(other.since_) {}
    place& operator=(place&& other) noexcept {
      std::swap(home_, other.home_);
      std::swap(since_, other.since_);
      return *this;
    }
    ~place() { leave(); }

    explicit operator bool() const { return home_ != nullptr; }
    /// The request is done, or from now on waits for something that has a bound of its own.
    void leave(clock::time_point now = clock::now()) {
      if (auto* home = std::exchange(home_, nullptr)) home->left(since_, now);
    }

   private:
    friend class admission;
    place(admission* home, clock::time_point since) : home_(home), since_(since) {}
    admission* home_ = nullptr;
    clock::time_point since_{};
  };

  explicit admission(admission_limits limits);

  /// None (false) when too many are under way.
  place enter(clock::time_point now = clock::now());

  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  /// For the log, which is not to drown in it: how many were refused since this last told, once a
  /// second at most; else 0.
  std::uint64_t refused_untold(clock::time_point now = clock::now());

 private:
  void left(clock::time_point since, clock::time_point now);
  void close_window(clock::time_point now);

  const admission_limits limits_;
  std::atomic<std::int64_t> limit_;
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> done_{0};     ///< within the window
  std::atomic<std::int64_t> took_us_{0};  ///< by those, in sum
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<clock::rep> window_end_;

  std::mutex mutex_;  ///< for what follows
  clock::time_point window_begin_;
  std::uint64_t refused_before_ = 0;  ///< the window
  std::uint64_t refused_told_ = 0;
  clock::time_point told_at_{};
};

}  // namespace stoa::front
