#pragma once
// The commands that an effect runner reports.

#include "actors/kernel/service_definition.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace stoa::test {

/// Collects what a runner reports, from any thread.
class command_inbox {
 public:
  kernel::command_sink sink() {
    return [this](kernel::any_message m) {
      const std::scoped_lock lock(mutex_);
      held_.push_back(std::move(m));
      came_.notify_all();
    };
  }
  /// Waits for at least `count` reports and takes all.
  std::vector<kernel::any_message> take(std::size_t count, seconds limit = seconds{10}) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, limit, [&] { return held_.size() >= count; });
    return std::exchange(held_, {});
  }
  std::size_t size() {
    const std::scoped_lock lock(mutex_);
    return held_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<kernel::any_message> held_;
};

}  // namespace stoa::test
