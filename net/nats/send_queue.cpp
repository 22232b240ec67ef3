#include "net/nats/send_queue.hpp"

#include <algorithm>

namespace stoa::nats {

namespace {

/// How long verdicts and acknowledgements are collected, so that one message carries several.
constexpr microseconds gather_time = milliseconds{1};
constexpr std::size_t verdicts_max = 65'536;
/// Acknowledgements are bounded by the unsettled events, requests by the consumers; this limit
/// matters only when the broker is unavailable for long.
constexpr std::size_t plain_max = 65'536;

}  // namespace

bool send_queue::add(const kernel::published& e) {
  std::lock_guard lock(mutex_);
  if (events_.size() >= events_max_) return waiting_.contains(e.what->event_id);
  if (!waiting_.insert(e.what->event_id).second) return true;
  events_.push_back(e);
  filled_.notify_one();
  return true;
}

void send_queue::add(const kernel::bus_verdict& v) {
  std::lock_guard lock(mutex_);
  if (verdicts_.size() >= verdicts_max) return;
  note_small();
  verdicts_.push_back(v);
}

void send_queue::add(plain_message m) {
  std::lock_guard lock(mutex_);
  if (plain_.size() >= plain_max) return;
  note_small();
  plain_.push_back(std::move(m));
}

void send_queue::note_small() {
  if (small_things()) return;
  small_since_ = clock::now();
  filled_.notify_one();
}

send_queue::load send_queue::take(std::size_t events_max, microseconds limit) {
  std::unique_lock lock(mutex_);
  const auto end = clock::now() + limit;
  const auto may_go = [&] { return woken_ || (events_max > 0 && !events_.empty()); };
  filled_.wait_until(lock, end, [&] { return may_go() || small_things(); });
  if (small_things()) filled_.wait_until(lock, small_since_ + gather_time, may_go);
  woken_ = false;
  load out;
  out.verdicts.swap(verdicts_);
  out.plain.swap(plain_);
  if (events_max >= events_.size()) {
    out.events.swap(events_);
    waiting_.clear();
    return out;
  }
  const auto last = events_.begin() + static_cast<std::ptrdiff_t>(events_max);
  out.events.assign(std::make_move_iterator(events_.begin()), std::make_move_iterator(last));
  events_.erase(events_.begin(), last);
  for (const auto& e : out.events) waiting_.erase(e.what->event_id);
  return out;
}

void send_queue::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  filled_.notify_one();
}

void send_queue::forget_requests() {
  std::lock_guard lock(mutex_);
  std::erase_if(plain_, [](const plain_message& m) { return !m.reply.empty(); });
}

bool send_queue::empty() const {
  std::lock_guard lock(mutex_);
  return events_.empty() && !small_things();
}

}  // namespace stoa::nats
