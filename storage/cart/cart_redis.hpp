#pragma once
// The Cart service's database in Redis (setting cart.store=redis). Every key starts with
// "{stoa:cart}:"; the kernel's tables are listed in storage/kernel/kernel_redis.hpp, and the carts:
//   schema          the version of this format
//   cart:<id>       string: a stored_cart as JSON. A guest's cart also expires by itself, a day
//                   after the sweep should have removed it; a customer's never does.
//   user:<id>       sorted set of a customer's carts by the time of their creation
//   expiry          sorted set of the guests' carts by the time of their end
//   customers       sorted set of the customers' carts by the time of their last change
// A cart is read and saved whole, on the condition that `saves` is still what was read. Lines and
// carts are changed and removed only after they were loaded in the same transaction, and lines are
// added only then, which is what the kernel does. That a line's id is new is not checked: it is
// random.

#include "storage/cart/cart.hpp"
#include "storage/db/redis.hpp"

namespace stoa::cart {

struct stored_cart {
  std::int64_t saves = 0;  ///< grows with each; it is the first member, so that a script sees it
  cart_row cart;
  std::vector<cart_item_row> lines;
};
BOOST_DESCRIBE_STRUCT(stored_cart, (), (saves, cart, lines))

/// Answers to idempotent requests are kept for `idempotency_ttl`.
std::unique_ptr<db::database> redis_store(db::redis_options options, microseconds idempotency_ttl);

/// The same without the server, for a database with further handlers.
db::redis_layout redis_store_layout(microseconds idempotency_ttl);

}  // namespace stoa::cart
