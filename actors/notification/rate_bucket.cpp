#include "actors/notification/rate_bucket.hpp"

#include <algorithm>

namespace stoa::notification {

bool rate_bucket::take(timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (last_ && now > *last_) {
    const auto passed = std::min((now - *last_).count(), second_us);
    tokens_us_ = std::min(tokens_us_ + passed * per_s_, per_s_ * second_us);
  }
  last_ = now;
  if (tokens_us_ < second_us) return false;
  tokens_us_ -= second_us;
  return true;
}

std::shared_ptr<rate_bucket> bucket_of(std::int64_t per_s) {
  return per_s > 0 ? std::make_shared<rate_bucket>(per_s) : nullptr;
}

}  // namespace stoa::notification
