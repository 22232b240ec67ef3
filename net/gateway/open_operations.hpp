#pragma once
// Counts the operations of a gateway that are in progress, so that stop() can wait for them.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace stoa::gateways {

/// Thread-safe.
class open_operations {
 public:
  /// Counts an operation in progress until its callback has run.
  template <class Answer>
  std::function<void(Answer)> counted(std::function<void(Answer)> done) {
    const std::scoped_lock lock(mutex_);
    ++open_;
    return [this, done = std::move(done)](Answer a) {
      done(std::move(a));
      const std::scoped_lock ended(mutex_);
      --open_;
      idle_.notify_all();
    };
  }
  /// Returns when no operation is in progress. Not from a callback.
  void wait() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  int open_ = 0;
};

}  // namespace stoa::gateways
