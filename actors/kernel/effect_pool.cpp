#include "actors/kernel/effect_pool.hpp"

#include "config/log.hpp"

namespace stoa::kernel {

void effect_pool::add(call c, timestamp now) {
  {
    const std::scoped_lock lock(mutex_);
    if (closed_ || running_.contains(c.key)) return;
    if (auto it = waiting_.find(c.key); it != waiting_.end()) {
      it->second = std::move(c);
      return;
    }
    if (waiting_.size() >= limits_.waiting_max) return;
    turns_.push_back(c.key);
    waiting_.emplace(c.key, std::move(c));
  }
  pump(now);
}

// Runs in one thread at a time, in a loop: a gateway that answers before its call returns would
// otherwise recurse. Concurrent callers leave their work to the running loop.
void effect_pool::pump(std::optional<timestamp> now) {
  std::unique_lock lock(mutex_);
  if (pumping_) return;
  pumping_ = true;
  while (!closed_ && !turns_.empty() && running_.size() < limits_.under_way_max) {
    auto next = waiting_.extract(turns_.front());
    turns_.pop_front();
    const call& c = next.mapped();
    auto& r = running_[c.key];
    r.number = ++last_number_;
    r.when_late = c.when_late;
    if (now) r.deadline = *now + limits_.timeout;
    const auto number = r.number;
    lock.unlock();
    begin(c, number);
    lock.lock();
  }
  pumping_ = false;
}

void effect_pool::begin(const call& c, std::uint64_t number) {
  try {
    c.begin([self = shared_from_this(), key = c.key, number](any_message result, bool certain) {
      self->finish(key, number, std::move(result), certain);
    });
  } catch (const std::exception& e) {
    log::warn("call to an external system failed",
              {{"effect", c.when_late.name()}, {"error", std::string(e.what())}});
    finish(c.key, number, c.when_late, false);
  }
}

void effect_pool::finish(const uuid& key, std::uint64_t number, any_message result, bool certain) {
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    auto it = running_.find(key);
    const bool in_time = it != running_.end() && it->second.number == number;
    if (!in_time && !certain) return;
    // Erased before the report, which may start the next call with the same key.
    if (in_time) running_.erase(it);
  }
  report_(std::move(result));
  pump(std::nullopt);
}

void effect_pool::tick(timestamp now) {
  std::vector<any_message> late;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    for (auto it = running_.begin(); it != running_.end();) {
      auto& r = it->second;
      if (!r.deadline) r.deadline = now + limits_.timeout;
      if (*r.deadline > now) {
        ++it;
        continue;
      }
      late.push_back(std::move(r.when_late));
      it = running_.erase(it);
    }
  }
  for (auto& m : late) report_(std::move(m));
  pump(now);
}

std::size_t effect_pool::under_way() const {
  const std::scoped_lock lock(mutex_);
  return running_.size();
}

std::size_t effect_pool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void effect_pool::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  running_.clear();
  waiting_.clear();
  turns_.clear();
}

}  // namespace stoa::kernel
