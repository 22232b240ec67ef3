#include "actors/user/password_workers.hpp"

#include "actors/user/password.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::user {

password_workers::password_workers(std::size_t threads, std::size_t queue_max)
    : queue_max_(queue_max) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

password_workers::~password_workers() {
  stop();
}

bool password_workers::hash(std::string password, std::function<void(result<std::string>)> then) {
  return submit(
      [password = std::move(password), then = std::move(then)] { then(hash_password(password)); });
}

bool password_workers::verify(std::string hash, std::string password,
                              std::function<void(bool)> then) {
  return submit([hash = std::move(hash), password = std::move(password), then = std::move(then)] {
    bool nobody = hash.empty();
    bool right = verify_password(nobody ? dummy_hash() : hash, password);
    then(right && !nobody);
  });
}

bool password_workers::submit(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void password_workers::work() {
  try {
    dummy_hash();  // Made before it is needed: the first unknown user must not take longer.
  } catch (const std::exception& e) {
    log::error("no dummy hash yet", {{"error", std::string(e.what())}});
  }
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& e) {
      // The one who waits runs into the deadline; the others must go on.
      log::error("password job failed", {{"error", std::string(e.what())}});
    }
  }
}

void password_workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (auto& t : threads_) {
    if (t.joinable()) t.join();
  }
}

std::size_t password_workers::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace stoa::user
