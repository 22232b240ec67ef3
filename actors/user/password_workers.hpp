#pragma once
// Threads of their own for Argon2id, so that logins never hold up anything else: a fixed number of
// them, for each hash takes 19 MiB, and a bounded queue before them.

#include "storage/base/result.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stoa::user {

class password_workers {
 public:
  /// `threads` of at least 1; of jobs that wait there are at most `queue_max`.
  password_workers(std::size_t threads, std::size_t queue_max);
  ~password_workers();
  password_workers(const password_workers&) = delete;
  password_workers& operator=(const password_workers&) = delete;

  /// Each calls back once, on a worker's thread, and must not be called back for long. False: the
  /// queue is full or the workers are stopped, and there is no call.
  bool hash(std::string password, std::function<void(result<std::string>)> then);
  /// Against a hash of nobody, in the same time, when `hash` is empty: the answer is false.
  bool verify(std::string hash, std::string password, std::function<void(bool)> then);

  /// Finishes what is under way, drops what waits, and joins the threads.
  void stop();
  std::size_t waiting() const;

 private:
  bool submit(std::function<void()> job);
  void work();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the rest
};

}  // namespace stoa::user
