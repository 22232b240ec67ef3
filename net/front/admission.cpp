#include "net/front/admission.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr std::chrono::seconds report_interval{1};

}  // namespace

admission::admission(admission_limits limits)
    : limits_(limits), limit_(limits.most), window_end_(0) {}

admission::place admission::enter(std::int64_t cost, clock::time_point now) {
  cost = std::clamp<std::int64_t>(cost, 1, cost_max);
  const auto before = in_flight_.fetch_add(cost, std::memory_order_relaxed);
  if (before == 0 || before + cost <= limit()) return {this, cost, now};
  in_flight_.fetch_sub(cost, std::memory_order_relaxed);
  refused_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void admission::left(std::int64_t cost, clock::time_point since, clock::time_point now) {
  took_us_.fetch_add(cost * std::chrono::duration_cast<microseconds>(now - since).count(),
                     std::memory_order_relaxed);
  done_.fetch_add(cost, std::memory_order_relaxed);
  if (now.time_since_epoch().count() >= window_end_.load(std::memory_order_relaxed)) {
    close_window(now);
  }
  in_flight_.fetch_sub(cost, std::memory_order_relaxed);
}

void admission::close_window(clock::time_point now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || now.time_since_epoch().count() < window_end_.load(std::memory_order_relaxed)) return;
  const auto done = std::max<std::int64_t>(1, done_.exchange(0, std::memory_order_relaxed));
  const auto mean = microseconds{took_us_.exchange(0, std::memory_order_relaxed) / done};
  const auto lasted =
      std::max(microseconds{1}, std::chrono::duration_cast<microseconds>(now - window_begin_));
  const auto refused = refused_.load(std::memory_order_relaxed);
  const auto before = limit();
  // One slow request on an idle node does not measure its capacity.
  const bool pressed = refused != refused_before_ || 2 * in_flight() >= before;
  auto next = before;
  if (mean > limits_.target && pressed) {
    next = static_cast<std::int64_t>(static_cast<double>(done) * limits_.target / lasted);
  } else if (2 * mean < limits_.target) {
    next = 2 * before;
  } else {
    next = before + before / 8;
  }
  limit_.store(std::clamp(next, std::min(least, limits_.most), limits_.most),
               std::memory_order_relaxed);
  refused_before_ = refused;
  window_begin_ = now;
  const auto end = now + limits_.target / windows_per_target;
  window_end_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
}

std::uint64_t admission::take_unreported(clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (now - reported_at_ < report_interval) return 0;
  const auto refused = refused_.load(std::memory_order_relaxed);
  reported_at_ = now;
  return refused - std::exchange(reported_, refused);
}

}  // namespace stoa::front
