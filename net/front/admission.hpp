#pragma once
// Limits how much a node works on at once. A node that accepts more than it can answer in time
// works for callers who have given up. No fixed limit fits every machine, so this one follows the
// node's throughput: while requests take longer than the target, the limit is the cost that the
// node completes within the target's time (Little's law, L = throughput x time); while they are in
// time, it grows. Compare the limits of Netflix's concurrency-limits.
//
// The unit is cost, not requests: a read by key costs 1, a search or a large body more. The law
// holds for weighted requests if the mean time is weighted too: the mean weight in flight is the
// weight completed per second times the mean time per unit of weight.

#include "storage/base/time.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

namespace stoa::front {

struct admission_limits {
  std::int64_t most = 2048;      ///< maximum cost in flight, however fast requests are
  microseconds target{500'000};  ///< mean duration above which the limit falls
};

/// Thread-safe.
class admission {
 public:
  using clock = std::chrono::steady_clock;

  /// The minimum limit: enough to notice that a slow node has become faster.
  static constexpr std::int64_t least = 16;
  /// Maximum cost of a request, so that any request fits within the minimum limit.
  static constexpr std::int64_t cost_max = least;
  /// Number of adjustments of the limit within the target's time.
  static constexpr int windows_per_target = 2;

  /// A request's share of the limit; returned on destruction.
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
    /// Returns the share: the request is done, or waits for something that has another limit.
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

  /// Empty (false) when the request does not fit within the limit. A request that costs more than
  /// the limit fits when nothing else is in flight. The cost is clamped to 1 to cost_max.
  place enter(std::int64_t cost = 1, clock::time_point now = clock::now());

  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// Cost in flight.
  std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  /// For the log: rejected requests since the last nonzero result, at most once a second; else 0.
  std::uint64_t take_unreported(clock::time_point now = clock::now());

 private:
  void left(std::int64_t cost, clock::time_point since, clock::time_point now);
  void close_window(clock::time_point now);

  const admission_limits limits_;
  std::atomic<std::int64_t> limit_;
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> done_{0};     ///< cost completed within the window
  std::atomic<std::int64_t> took_us_{0};  ///< duration of those requests, weighted by cost
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<clock::rep> window_end_;

  std::mutex mutex_;  ///< for the members below
  clock::time_point window_begin_;
  std::uint64_t refused_before_ = 0;  ///< at the start of the window
  std::uint64_t reported_ = 0;
  clock::time_point reported_at_{};
};

}  // namespace stoa::front
