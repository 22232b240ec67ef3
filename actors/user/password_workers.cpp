#include "actors/user/password_workers.hpp"

#include "actors/user/password.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

problem overloaded() {
  return {problem_kind::unavailable,
          "overloaded",
          "Too many login requests are waiting. Retry later.",
          {}};
}

}  // namespace

password_workers::password_workers(password_limits limits, const clock& time)
    : limits_(limits), time_(time) {
  const auto count = std::max<std::size_t>(limits.threads, 1);
  threads_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
}

password_workers::~password_workers() {
  stop();
}

bool password_workers::hash(password_client client, std::string password,
                            std::function<void(result<std::string>)> then) {
  return submit(client, {client.deadline, [password = std::move(password),
                                           then = std::move(then)](const problem* refused) {
                           if (refused) return then(*refused);
                           then(hash_password(password));
                         }});
}

bool password_workers::verify(password_client client, std::string hash, std::string password,
                              std::function<void(result<bool>)> then) {
  return submit(client, {client.deadline, [hash = std::move(hash), password = std::move(password),
                                           then = std::move(then)](const problem* refused) {
                           if (refused) return then(*refused);
                           bool unknown = hash.empty();
                           bool right = verify_password(unknown ? dummy_hash() : hash, password);
                           then(result<bool>(boost::system::in_place_value, right && !unknown));
                         }});
}

/// Removes the last job of the longest queue, if that is longer than the client's own would be.
bool password_workers::make_room(std::size_t own_jobs, job& displaced) {
  const auto longest =
      std::max_element(turns_.begin(), turns_.end(),
                       [](const auto& a, const auto& b) { return a.jobs.size() < b.jobs.size(); });
  if (longest == turns_.end() || longest->jobs.size() <= own_jobs + 1) return false;
  displaced = std::move(longest->jobs.back());
  longest->jobs.pop_back();
  --waiting_;
  return true;
}

bool password_workers::submit(password_client client, job j) {
  job displaced;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    const auto found = by_client_.find(client.key);
    const auto own_jobs = found == by_client_.end() ? 0 : found->second->jobs.size();
    const bool too_many = !client.exempt && own_jobs >= limits_.client_queue_max;
    const bool full = waiting_ >= limits_.queue_max;
    if (too_many || (full && !make_room(own_jobs, displaced))) {
      ++refused_;
      return false;
    }
    if (displaced.run) ++refused_;
    auto turn =
        found == by_client_.end() ? turns_.insert(turns_.end(), {client.key, {}}) : found->second;
    if (found == by_client_.end()) by_client_.emplace(client.key, turn);
    turn->jobs.push_back(std::move(j));
    ++waiting_;
  }
  wake_.notify_one();
  if (displaced.run) {
    const auto why = overloaded();
    displaced.run(&why);
  }
  return true;
}

/// The first job of the next client, which moves to the end of the order.
password_workers::job password_workers::take() {
  auto turn = turns_.begin();
  job j = std::move(turn->jobs.front());
  turn->jobs.pop_front();
  --waiting_;
  if (turn->jobs.empty()) {
    by_client_.erase(turn->key);
    turns_.erase(turn);
  } else {
    turns_.splice(turns_.end(), turns_, turn);
  }
  return j;
}

void password_workers::work() {
  while (true) {
    job j;
    bool late = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || waiting_ > 0; });
      if (stopping_) return;
      j = take();
      late = j.deadline.us != 0 && j.deadline < time_.now();
      if (late) ++refused_;
    }
    try {
      const auto why = overloaded();
      j.run(late ? &why : nullptr);
    } catch (const std::exception& e) {
      // This caller gets a timeout; the other jobs must continue.
      log::error("password job failed", {{"error", std::string(e.what())}});
    }
  }
}

void password_workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    turns_.clear();
    by_client_.clear();
    waiting_ = 0;
  }
  wake_.notify_all();
  for (auto& t : threads_) {
    if (t.joinable()) t.join();
  }
}

std::size_t password_workers::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::uint64_t password_workers::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace stoa::user
