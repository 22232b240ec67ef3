#pragma once
// The Cart service's database in Redis (setting cart.store=redis). Every key starts with
// "{stoa:cart}:"; the kernel's tables are listed in storage/kernel/kernel_redis.hpp, and the carts:
//   schema          the version of this format
//   cart:<id>       hash: "record" the cart, its version first ("v3;..."); "line:<product id>" each
//                   line, its id first. A guest's cart also expires by itself, a day after the
//                   sweep should have removed it; a customer's never does.
//   user:<id>       sorted set of a customer's carts by the time of their making
//   expiry          sorted set of the guests' carts by the time of their end
//   customers       sorted set of the customers' carts by the time of their last change
// Lines and carts are changed and removed only after they were loaded in the same transaction,
// which is what the kernel does. That a line's id is new is not checked: it is random.

#include "storage/db/redis.hpp"

namespace stoa::cart {

/// Answers to idempotent requests are kept for `idempotency_ttl`.
std::unique_ptr<db::database> redis_store(db::redis_options options, microseconds idempotency_ttl);

/// The same without the server, for a database with further handlers.
db::redis_layout redis_store_layout(microseconds idempotency_ttl);

}  // namespace stoa::cart
