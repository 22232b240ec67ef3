#pragma once
// A bounded queue and one thread that processes the queued jobs in batches, for work whose cost is
// dominated by a sync that a batch shares.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace stoa {

enum class offered { taken, full, stopping };

template <class Job>
class batch_worker {
 public:
  /// `work` runs in the thread and must not throw.
  batch_worker(std::size_t queue_max, std::size_t batch_max,
               std::function<void(std::vector<Job>&)> work)
      : queue_max_(queue_max),
        batch_max_(batch_max),
        work_(std::move(work)),
        thread_([this] { run(); }) {}
  ~batch_worker() { stop(); }
  batch_worker(const batch_worker&) = delete;
  batch_worker& operator=(const batch_worker&) = delete;

  /// From any thread. The job is moved from only if it is accepted.
  offered offer(Job& job) {
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return offered::stopping;
      if (queue_.size() >= queue_max_) return offered::full;
      queue_.push_back(std::move(job));
    }
    wake_.notify_one();
    return offered::taken;
  }

  /// Processes the queued jobs and ends the thread. Must not be called by `work`.
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    std::call_once(joined_, [this] { thread_.join(); });
  }

 private:
  void run() {
    std::vector<Job> batch;
    while (next(batch)) {
      work_(batch);
      batch.clear();
    }
  }

  /// Waits for jobs. False if the worker is stopping and the queue is empty.
  bool next(std::vector<Job>& batch) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return false;
    const auto end =
        queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), batch_max_));
    batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return true;
  }

  const std::size_t queue_max_;
  const std::size_t batch_max_;
  const std::function<void(std::vector<Job>&)> work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::once_flag joined_;
  std::thread thread_;
};

}  // namespace stoa
