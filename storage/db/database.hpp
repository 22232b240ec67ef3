#pragma once
// One service's database, whatever its kind: opens connections to it and brings its schema up to
// date.

#include "storage/base/time.hpp"
#include "storage/db/connection.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stoa::db {

/// What an error says in place of a constraint when what was stored is gone.
inline constexpr const char* data_lost = "data lost";

enum class access {
  write,    ///< for writers
  read,     ///< never waits for a commit, cannot write
  bounded,  ///< as read, for queries that may take long: ended when they do (budget.hpp)
  replica   ///< on a copy that lags; only where has_replica(). Gives up early.
};

/// A place in the sequence of all changes of a server.
struct change_position {
  std::int64_t server = 0;    ///< that the changes were made on: the same for its copies
  std::int64_t at = 0;        ///< grows with each change
  bool takes_writes = false;  ///< true of a copy that has become a server of its own
};

class database {
 public:
  virtual ~database() = default;
  /// A connection of its own. Throws error(unavailable) when it cannot be had now.
  virtual std::unique_ptr<connection> open(access a) = 0;
  /// Creates the database if it may, and applies the missing migrations of the modules, alone even
  /// when several nodes start at once; returns how many.
  virtual int migrate(std::span<const std::string_view> modules) = 0;
  /// Called when this process has no connection to it any more: leaves everything committed in the
  /// database's own file, where it is one. Throws error(unavailable) when another process is in the
  /// way; nothing is lost then.
  virtual void finish() {}
  /// True when other processes may write to it at the same time.
  virtual bool shared() const = 0;
  /// True when there is a copy for reads, which lags behind what was committed.
  virtual bool has_replica() const { return false; }
  /// How far the database's changes go; of the copy, how many of them it shows. Throws error.
  virtual change_position position(connection&) { return {}; }
  virtual change_position replica_position(connection&) { return {}; }
  /// True when the server may come back without what was stored (error_kind::unavailable with the
  /// constraint `data_lost`), so that losing it may be accepted.
  virtual bool may_lose_data() const { return false; }
  /// For logs: the path, or host and name without the password.
  virtual std::string describe() const = 0;
};

/// The SQLite file at the path, made when it is missing. A bounded query may take so much processor
/// time; 0: any.
std::unique_ptr<database> sqlite_database(std::string path, milliseconds query_time_max = {});

}  // namespace stoa::db
