#pragma once
// Which sessions' access tokens are refused before their time, as far as this node knows. Filled by
// the revocation_follower; asked on every request with a token.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace stoa::front {

/// What an access token says of its session.
struct token_session {
  stoa::session_id family;
  std::int64_t epoch = 0;
};

/// look() may be called on any thread, the rest on one. A lookup takes no lock that all threads
/// share: the table is in stripes, and one without entries is not locked at all.
class revocations {
 public:
  using clock = std::chrono::steady_clock;
  /// The node may answer for itself as long as what it knows is not older than this. With the time
  /// of one poll on top a token is refused within a second.
  static constexpr milliseconds age_max{900};

  enum class verdict {
    good,
    revoked,
    unknown  ///< the node has not heard of the user service for too long: it must ask
  };

  /// Of at most `entries_max` sessions.
  explicit revocations(std::size_t entries_max) : entries_max_(entries_max) {}

  verdict look(const token_session& token, clock::time_point now) const;

  /// False when there is no room: all entries are dropped then, and until they are known again
  /// every verdict but `revoked` is `unknown`.
  bool add(stoa::session_id family, std::int64_t epoch, timestamp forget_at);
  /// All that had been revoked at that time is known.
  void known_as_of(clock::time_point when);
  /// Drops what need not be remembered any more.
  void forget(timestamp now);
  std::size_t size() const { return size_; }
  /// Of what is known. Very high when nothing is.
  microseconds age(clock::time_point now) const;

 private:
  struct entry {
    std::int64_t epoch = 0;
    timestamp forget_at;
  };
  struct stripe {
    mutable std::mutex mutex;
    std::unordered_map<stoa::session_id, entry> entries;
    std::atomic<bool> any{false};
  };
  static constexpr std::size_t stripes = 64;

  stripe& stripe_of(const stoa::session_id& family) {
    return stripes_[family.value.bytes.back() % stripes];
  }
  const stripe& stripe_of(const stoa::session_id& family) const {
    return stripes_[family.value.bytes.back() % stripes];
  }

  const std::size_t entries_max_;
  std::array<stripe, stripes> stripes_;
  std::atomic<std::size_t> size_{0};
  std::atomic<clock::rep> known_as_of_{0};  ///< 0: never
};

}  // namespace stoa::front
