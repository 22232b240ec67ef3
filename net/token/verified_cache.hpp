#pragma once
// A cache of tokens whose signature was recently verified.

#include "net/token/access_token.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace stoa::token {

/// The claims of at most `size_max` tokens, by the token's hash; evicts the least recently used.
/// Thread-safe.
class verified_cache {
 public:
  explicit verified_cache(std::size_t size_max) : size_max_(size_max) {}

  /// Also nothing for a token that has expired at `now_s`, which is removed.
  std::optional<claims> find(const std::string& hash, std::int64_t now_s);
  void put(std::string hash, const claims& c);
  std::size_t size() const;

 private:
  using entry = std::pair<std::string, claims>;

  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::list<entry> order_;  ///< most recently used first
  std::unordered_map<std::string, std::list<entry>::iterator> by_hash_;
};

}  // namespace stoa::token
