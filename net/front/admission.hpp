#pragma once
// How much a node works on at once. A node that accepts more than it can answer in time works for
// callers who have given up. No fixed bound fits every machine, so this one follows what the node
// completes: while requests take longer than the target, the bound is the cost that it completes in
// the target's time (Little's law, L = throughput x time); the bound grows again while they are in
// time. Compare the limits of Netflix's concurrency-limits.
//
// What is counted is cost, not requests: a read by key costs 1, a search or a large body more. The
// law holds for weighted requests when the mean time is weighted, too: the time-average of the
// weights in flight is the weight completed per second times the mean time per unit of weight.

#include "storage/base/time.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

namespace stoa::front {

struct admission_limits {
  std::int64_t most = 2048;      ///< cost in flight, however fast requests are
  microseconds target{500'000};  ///< mean time that requests may take before fewer are let in
};

/// Thread-safe.
class admission {
 public:
  using clock = std::chrono::steady_clock;

  /// The bound is never less, however slow the node is: enough to notice that it has become faster.
  static constexpr std::int64_t least = 16;
  /// No request costs more, so that each can be accepted at the least bound.
  static constexpr std::int64_t cost_max = least;
  /// How often the bound is looked at, as a part of the target.
  static constexpr int windows_per_target = 2;

  /// A request's share of the bound; returned when it is destroyed.
  class place {
   public:
    place() = default;
    place(place&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)), cost_(other.cost_), since_(other.since_) {}
    place& operator=(place&& other) noexcept {
      std::swap(home_, other.home_);
      std::swap(cost_, other.cost_);
      std::swap(since_, other.since_);
      return *this;
    }
    ~place() { leave(); }

    explicit operator bool() const { return home_ != nullptr; }
    /// The request is done, or from now on waits for something that has a bound of its own.
    void leave(clock::time_point now = clock::now()) {
      if (auto* home = std::exchange(home_, nullptr)) home->left(cost_, since_, now);
    }

   private:
    friend class admission;
    place(admission* home, std::int64_t cost, clock::time_point since)
        : home_(home), cost_(cost), since_(since) {}
    admission* home_ = nullptr;
    std::int64_t cost_ = 0;
    clock::time_point since_{};
  };

  explicit admission(admission_limits limits);

  /// None (false) when the request does not fit within the bound; one that costs more than the
  /// bound fits when nothing else is in flight. The cost is taken from 1 to cost_max.
  place enter(std::int64_t cost = 1, clock::time_point now = clock::now());

  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// The cost of what is in flight.
  std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  /// For the log, which is not to drown in it: how many were refused since this last told, once a
  /// second at most; else 0.
  std::uint64_t refused_untold(clock::time_point now = clock::now());

 private:
  void left(std::int64_t cost, clock::time_point since, clock::time_point now);
  void close_window(clock::time_point now);

  const admission_limits limits_;
  std::atomic<std::int64_t> limit_;
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> done_{0};     ///< cost completed within the window
  std::atomic<std::int64_t> took_us_{0};  ///< time of those, weighted by cost
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<clock::rep> window_end_;

  std::mutex mutex_;  ///< for what follows
  clock::time_point window_begin_;
  std::uint64_t refused_before_ = 0;  ///< the window
  std::uint64_t refused_told_ = 0;
  clock::time_point told_at_{};
};

}  // namespace stoa::front
