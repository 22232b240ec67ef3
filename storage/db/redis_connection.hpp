#pragma once
// One connection to a service that lives in Redis, by its handlers.

#include "storage/db/redis_handlers.hpp"

namespace stoa::db {

/// `greet` is called with each new connection to the server, before it is used; it may throw.
struct redis_connection_options {
  redis_options server;
  redis_layout layout;
  access mode = access::write;
  std::function<void(redis_client&)> greet;
};

/// Connects at once; throws unavailable when it cannot.
std::unique_ptr<connection> open_redis(redis_connection_options options);

}  // namespace stoa::db
