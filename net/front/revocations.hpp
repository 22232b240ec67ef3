#pragma once
// Sessions whose access tokens are rejected before they expire, as known to this node. Filled by
// revocation_follower; read for every request with a token.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace stoa::front {

/// The session in an access token.
struct token_session {
  stoa::session_id family;
  std::int64_t epoch = 0;
};

/// look() may be called on any thread, the other functions on one. A lookup takes no global lock:
/// the table is striped, and empty stripes are not locked.
class revocations {
 public:
  using clock = std::chrono::steady_clock;
  /// Maximum age of the table for local verdicts. With one poll interval on top, a token is
  /// rejected within a second of its revocation.
  static constexpr milliseconds age_max{900};

  enum class verdict {
    good,
    revoked,
    unknown  ///< the table is out of date: ask the user service
  };

  /// `entries_max`: maximum number of sessions.
  explicit revocations(std::size_t entries_max) : entries_max_(entries_max) {}

  verdict look(const token_session& token, clock::time_point now) const;

  /// False when the table is full: it is cleared then, and until it is complete again every verdict
  /// except `revoked` is `unknown`.
  bool add(stoa::session_id family, std::int64_t epoch, timestamp forget_at);
  /// The table includes all revocations up to that time.
  void known_as_of(clock::time_point when);
  /// Removes expired entries.
  void forget(timestamp now);
  std::size_t size() const { return size_; }
  /// Age of the table. Very high when it is empty.
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
