#pragma once
// A few threads for blocking work on files, with a bounded queue.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace stoa::media {

class job_pool {
 public:
  job_pool(std::size_t threads, std::size_t queue_max);
  ~job_pool() { stop(); }
  job_pool(const job_pool&) = delete;
  job_pool& operator=(const job_pool&) = delete;

  /// Runs the job on a thread of the pool; it must not throw. False: the queue is full, or the pool
  /// is stopped, and the job is not run.
  bool add(std::function<void()> job);
  /// Finishes the running jobs, drops the waiting ones, and joins the threads.
  void stop();

 private:
  void work();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the other members
};

}  // namespace stoa::media
