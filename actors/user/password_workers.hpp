#pragma once
// Threads of their own for Argon2id, so that logins never delay anything else: a fixed number of
// them, for each hash takes 19 MiB, and a bounded queue in front of them that is fair to clients.
// Each client has a queue of its own, and the workers take from the clients in turn (round robin).
// When there is no room for one more, the last job of the client with the longest queue gives way.
// So a client with one login waits for one job of each other client at most, however many logins
// others send.

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
  std::size_t queue_max = 64;        ///< jobs that wait
  std::size_t client_queue_max = 8;  ///< jobs of one client among them
};

/// On whose behalf a password is hashed.
struct password_client {
  std::uint64_t key = 0;
  bool exempt = false;   ///< no bound of its own, as for load tests on the same machine
  timestamp deadline{};  ///< of the request: later the job is not run; 0: none
};

class password_workers {
 public:
  explicit password_workers(password_limits limits, const clock& time = process_time());
  ~password_workers();
  password_workers(const password_workers&) = delete;
  password_workers& operator=(const password_workers&) = delete;

  /// Each calls back once, on a worker's thread or, when the job has to give way, on the thread of
  /// the one that displaces it; the callback must be quick. unavailable `overloaded` then, and for
  /// a job whose deadline has passed. False: the queue is full or the workers are stopped, and
  /// there is no call.
  bool hash(password_client client, std::string password,
            std::function<void(result<std::string>)> then);
  /// With an empty `hash` the answer is false, after the time that a check takes.
  bool verify(password_client client, std::string hash, std::string password,
              std::function<void(result<bool>)> then);

  /// Finishes what is under way, drops what waits, and joins the threads.
  void stop();
  std::size_t waiting() const;
  /// Jobs refused or displaced for want of room, and jobs whose deadline had passed.
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
  queues turns_;  ///< of clients that have jobs, in the order in which they are served
  std::unordered_map<std::uint64_t, queues::iterator> by_client_;
  std::size_t waiting_ = 0;
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the rest
};

}  // namespace stoa::user
