#pragma once
// Dedicated threads for Argon2id, so that logins do not delay other work. Their number is fixed, as
// each hash takes 19 MiB, and their queue is bounded and fair: each client has its own queue, and
// the workers serve the clients round robin. When the queue is full, the last job of the client
// with the longest queue is displaced. So a client with one login waits for at most one job of each
// other client, however many logins others send.

#include "storage/base/result.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/time.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace stoa::user {

struct password_limits {
  std::size_t threads = 2;           ///< at least 1
  std::size_t queue_max = 64;        ///< waiting jobs
  std::size_t client_queue_max = 8;  ///< waiting jobs of one client
};

/// The client on whose behalf a password is hashed.
struct password_client {
  std::uint64_t key = 0;
  bool exempt = false;   ///< no per-client limit, for load tests on the same machine
  timestamp deadline{};  ///< of the request; the job is not run after it; 0: none
};

class password_workers {
 public:
  explicit password_workers(password_limits limits, const clock& time = process_time());
  ~password_workers();
  password_workers(const password_workers&) = delete;
  password_workers& operator=(const password_workers&) = delete;

  /// Calls back once, on a worker's thread or, when the job is displaced, on the thread that
  /// displaces it; the callback must be quick. A displaced or expired job gets unavailable
  /// `overloaded`. False: the queue is full or the workers are stopped, and there is no callback.
  bool hash(password_client client, std::string password,
            std::function<void(result<std::string>)> then);
  /// With an empty `hash` the result is false, after the time of a verification.
  bool verify(password_client client, std::string hash, std::string password,
              std::function<void(result<bool>)> then);

  /// Finishes running jobs, drops waiting ones, and joins the threads.
  void stop();
  std::size_t waiting() const;
  /// Jobs rejected or displaced because the queue was full, and jobs past their deadline.
  std::uint64_t refused() const;

 private:
  struct job {
    timestamp deadline;
    std::function<void(const problem* refused)> run;
  };
  struct client_queue {
    std::uint64_t key = 0;
    std::deque<job> jobs;
  };
  using queues = std::list<client_queue>;

  bool submit(password_client client, job j);
  bool make_room(std::size_t own_jobs, job& displaced);
  job take();
  void work();

  const password_limits limits_;
  const clock& time_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  queues turns_;  ///< clients with jobs, in the order in which they are served
  std::unordered_map<std::uint64_t, queues::iterator> by_client_;
  std::size_t waiting_ = 0;
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the other members
};

}  // namespace stoa::user
