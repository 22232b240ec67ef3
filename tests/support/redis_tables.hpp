#pragma once
// Tests look at tables by SQL; a store in Redis has none. These handlers answer the few forms that
// tests of carts use, from all keys: SELECT count(*) or a list of columns FROM a table [ORDER BY].

#include "storage/db/redis_handlers.hpp"

namespace stoa::test {

/// Answers statements named "test" for the tables carts, cart_items, inbox and outbox (which is
/// empty: carts emit no events). Rows come ordered by their first column.
void add_test_queries(db::redis_handlers& on);

}  // namespace stoa::test
