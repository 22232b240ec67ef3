#pragma once
// The Redis driver (7.0 or newer): a service's whole database as keys under one prefix. Loads are
// one pipelined round trip; a transaction's changes are one Lua script, which checks all conditions
// before it writes anything. SQL is not parsed: handlers (storage/db/redis_handlers.hpp) say by a
// statement's name what it means, so that only the services that have handlers can live in Redis.

#include "storage/base/time.hpp"
#include "storage/db/database.hpp"

#include <functional>
#include <string>

namespace stoa::db {

struct redis_handlers;

struct redis_options {
  /// redis://host[:port][/number]; rediss:// for TLS.
  std::string url = "redis://127.0.0.1:6379/0";
  std::function<std::string()> password{};  ///< asked for each connection; empty: none is sent
  milliseconds timeout{2000};               ///< to connect, and for all answers of one round trip
  milliseconds reconnect_min{50};  ///< pause after a failed attempt to connect, doubled each time
  milliseconds reconnect_max{2000};
};

/// What a service keeps in Redis, and where.
struct redis_layout {
  /// Starts every key. Its hash tag ("{stoa:cart}:") puts them all into one slot, as scripts need
  /// it in Redis Cluster: one shard holds the whole service.
  std::string prefix;
  /// Adds the handlers of the service's statements; called for each connection, which has its own.
  std::function<void(redis_handlers&)> add_handlers;
  /// A key that a store always has. Queries and transactions fail when it is missing (`data_lost`),
  /// rather than find nothing; a writing connection may still create it outside of a transaction.
  std::string vital;
};

/// Nothing is connected before the first open() or migrate(), which also look at how durable the
/// server is set up to be, and warn. Throws error(programming) for a URL that it cannot use.
std::unique_ptr<database> redis_database(redis_options options, redis_layout layout);

}  // namespace stoa::db
