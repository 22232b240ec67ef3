#pragma once
// One moment of several databases: the state of each is kept while no commit is possible in any of
// them. Every commit that follows from another one, in whichever database, comes after it in time;
// so what is kept is what a crash of all of them at that moment would have left.

#include "storage/base/time.hpp"

#include <chrono>
#include <span>

namespace stoa::db {

/// One of the databases.
class cut_member {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  virtual ~cut_member() = default;
  /// Keeps all others from committing until release(). False when a transaction of another is in
  /// the way until the deadline. Throws error when the database cannot be used.
  virtual bool hold(deadline until) = 0;
  /// This member reads the state of now from now on. Between hold() and release(); once more in a
  /// later attempt.
  virtual void keep() = 0;
  /// Whether no other can have committed since hold(): a server may have ended the hold of a
  /// program that hung.
  virtual bool is_held() = 0;
  /// Others commit again. Does nothing when nothing is held.
  virtual void release() noexcept = 0;
};

struct cut_limits {
  /// The longest time for which writers are held while members are still waited for.
  milliseconds hold_max{250};
  milliseconds pause{250};  ///< in which writers work, before the next attempt
  int attempts_max = 40;
};

struct cut_report {
  timestamp moment;     ///< by this machine's clock
  microseconds held{};  ///< from the first hold() to the last release() of the last attempt
  int attempts = 0;
};

/// Keeps the state of all members as of one moment. Throws error(busy) when writers are not out of
/// the way together in any attempt, and what the members throw; nothing is held then.
cut_report cut(std::span<cut_member* const> members, const cut_limits& limits = {});

}  // namespace stoa::db
