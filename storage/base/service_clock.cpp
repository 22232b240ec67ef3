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

}  // namespace

const clock& process_time() {
  static const process_clock source;
  return source;
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
