#pragma once
// The tokens whose signature was found good not long ago.

#include "net/token/access_token.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace stoa::token {

/// The claims of at most `size_max` tokens by the token's hash; the one used longest ago goes
/// first. Thread-safe.
class verified_cache {
 public:
  explicit verified_cache(std::size_t size_max) : size_max_(size_max) {}

  /// Nothing also for a token that has expired at `now_s`; it is forgotten then.
  std::optional<claims> find(const std::string& hash, std::int64_t now_s);
  void put(std::string hash, const claims& c);
  std::size_t size() const;

 private:
  using entry = std::pair<std::string, claims>;

  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::list<entry> order_;  ///< used last at the front
  std::unordered_map<std::string, std::list<entry>::iterator> by_hash_;
};

}  // namespace stoa::token
