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

enum class access {
  write,    ///< for writers, on the primary
  read,     ///< for queries: never waits for a commit, cannot write; may be a replica
  bounded,  ///< as read, for queries that may take long: ended when they do (budget.hpp)
  latest    ///< for sweeps and relays: reads what was committed last, on the primary; cannot write
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
  /// True when reads may come from a copy that lags behind what was committed.
  virtual bool has_replica() const { return false; }
  /// For logs: the path, or host and name without the password.
  virtual std::string describe() const = 0;
};

/// The SQLite file at the path, made when it is missing. A bounded query may take so much processor
/// time; 0: any.
std::unique_ptr<database> sqlite_database(std::string path, milliseconds query_time_max = {});

}  // namespace stoa::db
