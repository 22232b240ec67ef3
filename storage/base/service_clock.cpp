#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa {

namespace {

class process_clock final : public clock {
 public:
  timestamp now() const override {
    return start_ + std::chrono::duration_cast<microseconds>(steady::now() - since_);
  }

 private:
  using steady = std::chrono::steady_clock;
  timestamp start_ = system_time().now();
  steady::time_point since_ = steady::now();
};

std::atomic<const clock*> replaced_process{nullptr};

/// Refers to the current clock at each reading, so that references remain valid.
class current_process_clock final : public clock {
 public:
  timestamp now() const override {
    const auto* replaced = replaced_process.load(std::memory_order_relaxed);
    return replaced != nullptr ? replaced->now() : own_.now();
  }

 private:
  process_clock own_;
};

}  // namespace

const clock& process_time() {
  static const current_process_clock source;
  return source;
}

replaced_clocks::replaced_clocks(const clock& process, const clock& system) {
  replace_system_time(&system);
  replaced_process = &process;
}
replaced_clocks::~replaced_clocks() {
  replaced_process = nullptr;
  replace_system_time(nullptr);
}

service_clock::service_clock() : offset_us_((system_time().now() - process_time().now()).count()) {}

microseconds service_clock::observe(timestamp reading, timestamp sent, timestamp received) {
  const auto before = offset_us_.load();
  const auto after = std::clamp(before, (reading - received).count(), (reading - sent).count());
  offset_us_ = after;
  return microseconds{after - before};
}

microseconds service_clock::follow(const clock& shared) {
  const auto sent = process_time().now();
  const auto reading = shared.now();
  return observe(reading, sent, process_time().now());
}

service_clock& store_time() {
  static service_clock source;
  return source;
}

}  // namespace stoa
