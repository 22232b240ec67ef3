#pragma once
// A consistent snapshot of several databases: each snapshot is taken while commits are blocked in
// all of them. The snapshots are in the state that a simultaneous crash of all databases would have
// left, because a commit that depends on another one happens after it.

#include "storage/base/time.hpp"

#include <chrono>
#include <span>

namespace stoa::db {

/// A database in the snapshot.
class cut_member {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  virtual ~cut_member() = default;
  /// Blocks commits of all other sessions until release(). False if another transaction prevents
  /// this until the deadline. Throws error if the database cannot be used.
  virtual bool hold(deadline until) = 0;
  /// Takes the snapshot. Called between hold() and release(), and again in a later attempt.
  virtual void keep() = 0;
  /// Whether commits were blocked since hold() without interruption; a server may have ended the
  /// lock of a program that hung.
  virtual bool is_held() = 0;
  /// Unblocks commits. Does nothing if they are not blocked.
  virtual void release() noexcept = 0;
};

struct cut_limits {
  /// Maximum time that commits are blocked while waiting for other members.
  milliseconds hold_max{250};
  milliseconds pause{250};  ///< without locks, before the next attempt
  int attempts_max = 40;
};

struct cut_report {
  timestamp moment;     ///< by this machine's clock
  microseconds held{};  ///< from the first hold() to the last release() of the last attempt
  int attempts = 0;
};

/// Takes the snapshots of all members at one moment. Throws error(busy) if commits could not be
/// blocked in all members in any attempt, and the errors of the members; nothing is locked then.
cut_report cut(std::span<cut_member* const> members, const cut_limits& limits = {});

}  // namespace stoa::db
