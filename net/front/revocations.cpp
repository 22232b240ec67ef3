#include "net/front/revocations.hpp"

#include <algorithm>

namespace stoa::front {

revocations::verdict revocations::look(const token_session& token, clock::time_point now) const {
  // Read before the entries, so that all revocations up to that time are visible.
  const clock::time_point known{clock::duration{known_as_of_}};
  const auto& s = stripe_of(token.family);
  if (s.any) {
    const std::scoped_lock lock(s.mutex);
    const auto found = s.entries.find(token.family);
    if (found != s.entries.end() && token.epoch < found->second.epoch) return verdict::revoked;
  }
  // Unless the table was cleared meanwhile.
  return now - known <= age_max && known_as_of_ != 0 ? verdict::good : verdict::unknown;
}

bool revocations::add(stoa::session_id family, std::int64_t epoch, timestamp forget_at) {
  auto& s = stripe_of(family);
  {
    const std::scoped_lock lock(s.mutex);
    auto found = s.entries.find(family);
    if (found == s.entries.end() && size_ < entries_max_) {
      found = s.entries.emplace(family, entry{}).first;
      ++size_;
    }
    if (found != s.entries.end()) {
      auto& e = found->second;
      e.epoch = std::max(e.epoch, epoch);
      e.forget_at = std::max(e.forget_at, forget_at);
      s.any = true;
      return true;
    }
  }
  known_as_of_ = 0;
  for (auto& each : stripes_) {
    const std::scoped_lock lock(each.mutex);
    each.entries.clear();
    each.any = false;
  }
  size_ = 0;
  return false;
}

void revocations::known_as_of(clock::time_point when) {
  known_as_of_ = std::max<clock::rep>(known_as_of_, when.time_since_epoch().count());
}

void revocations::forget(timestamp now) {
  for (auto& s : stripes_) {
    if (!s.any) continue;
    const std::scoped_lock lock(s.mutex);
    size_ -= std::erase_if(s.entries, [&](const auto& e) { return e.second.forget_at <= now; });
    s.any = !s.entries.empty();
  }
}

microseconds revocations::age(clock::time_point now) const {
  const clock::time_point known{clock::duration{known_as_of_}};
  return std::chrono::duration_cast<microseconds>(now - known);
}

}  // namespace stoa::front
