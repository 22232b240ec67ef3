#pragma once
// A service's database of any kind: opens connections and migrates the schema.

#include "storage/base/time.hpp"
#include "storage/db/connection.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stoa::db {

/// Value of an error's `constraint` if stored data was lost.
inline constexpr const char* data_lost = "data lost";

enum class access {
  write,    ///< for writers
  read,     ///< never waits for a commit, cannot write
  bounded,  ///< like read, with a time limit for expensive queries (budget.hpp)
  replica   ///< on a lagging replica; only if has_replica(). Has short timeouts.
};

/// A position in a server's sequence of changes.
struct change_position {
  std::int64_t server = 0;    ///< the server's identity, shared by its replicas
  std::int64_t at = 0;        ///< grows with each change
  bool takes_writes = false;  ///< true for a replica: it was promoted
};

class database {
 public:
  virtual ~database() = default;
  /// Opens a new connection. Throws error(unavailable).
  virtual std::unique_ptr<connection> open(access a) = 0;
  /// Creates the database if permitted, and applies the missing migrations of the modules; safe if
  /// several nodes start concurrently. Returns the number of applied migrations.
  virtual int migrate(std::span<const std::string_view> modules) = 0;
  /// Called when this process has closed its connections: a database file then contains all
  /// committed changes without its log. Throws error(unavailable) if another process prevents this;
  /// no changes are lost.
  virtual void finish() {}
  /// True if other processes may write concurrently.
  virtual bool shared() const = 0;
  /// True if there is a replica for reads, which may lag.
  virtual bool has_replica() const { return false; }
  /// The position of the last change; for the replica, the position it has replayed. Throws error.
  virtual change_position position(connection&) { return {}; }
  virtual change_position replica_position(connection&) { return {}; }
  /// True if the server may lose stored data (error_kind::unavailable with the constraint
  /// `data_lost`), which an operator may accept.
  virtual bool may_lose_data() const { return false; }
  /// For logs: the path, or host and name, without the password.
  virtual std::string describe() const = 0;
};

/// A SQLite database in the file at the path, created if missing. `query_time_max`: CPU time limit
/// of a bounded query; 0: no limit.
std::unique_ptr<database> sqlite_database(std::string path, milliseconds query_time_max = {});

}  // namespace stoa::db
