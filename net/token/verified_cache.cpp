#include "net/token/verified_cache.hpp"

namespace stoa::token {

std::optional<claims> verified_cache::find(const std::string& hash, std::int64_t now_s) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  const auto place = found->second;
  if (place->second.exp <= now_s) {
    by_hash_.erase(found);
    order_.erase(place);
    return std::nullopt;
  }
  order_.splice(order_.begin(), order_, place);
  return place->second;
}

void verified_cache::put(std::string hash, const claims& c) {
  const std::scoped_lock lock(mutex_);
  if (size_max_ == 0 || by_hash_.contains(hash)) return;
  if (order_.size() >= size_max_) {
    by_hash_.erase(order_.back().first);
    order_.pop_back();
  }
  order_.emplace_front(hash, c);
  by_hash_.emplace(std::move(hash), order_.begin());
}

std::size_t verified_cache::size() const {
  const std::scoped_lock lock(mutex_);
  return order_.size();
}

}  // namespace stoa::token
