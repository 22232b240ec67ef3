#include "actors/kernel/replica_status.hpp"

namespace stoa::kernel {

namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// Maximum number of stored positions: a replica that is further behind is not used.
constexpr std::size_t samples_max = 256;
/// How long the replica is unused after a failed query: a query that hangs blocks its reader.
constexpr seconds aside_for{5};

std::int64_t ns_of(steady_clock::time_point t) {
  return duration_cast<nanoseconds>(t.time_since_epoch()).count();
}

}  // namespace

void replica_lag::primary_at(time_point asked, std::int64_t position) {
  if (position < newest_) {
    waiting_.clear();
    proved_.reset();
  }
  newest_ = position;
  // The oldest ones are kept: they determine the lag.
  if (waiting_.size() == samples_max) waiting_.pop_back();
  waiting_.push_back({asked, position});
}

void replica_lag::replica_at(std::int64_t position) {
  while (!waiting_.empty() && waiting_.front().position <= position) {
    proved_ = waiting_.front().asked;
    waiting_.pop_front();
  }
}

microseconds replica_lag::lag(time_point now) const {
  if (waiting_.empty()) return {};
  return duration_cast<microseconds>(now - waiting_.front().asked);
}

bool replica_status::usable() const {
  const auto now = ns_of(steady_clock::now());
  return now < usable_until_ns_ && now >= aside_until_ns_;
}

void replica_status::allow_until(time_point until, microseconds lag) {
  lag_us_ = lag.count();
  usable_until_ns_ = ns_of(until);
  std::scoped_lock lock(mutex_);
  reason_ = "its lag has not been measured recently";
}

void replica_status::refuse(const std::string& reason, microseconds lag) {
  lag_us_ = lag.count();
  usable_until_ns_ = 0;
  std::scoped_lock lock(mutex_);
  reason_ = reason;
}

void replica_status::set_aside(const std::string& reason) {
  aside_until_ns_ = ns_of(steady_clock::now() + aside_for);
  std::scoped_lock lock(mutex_);
  aside_reason_ = reason;
}

std::string replica_status::reason() const {
  if (usable()) return {};
  std::scoped_lock lock(mutex_);
  return ns_of(steady_clock::now()) < aside_until_ns_ ? aside_reason_ : reason_;
}

}  // namespace stoa::kernel
