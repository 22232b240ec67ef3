#pragma once
// The kernel's tables in Redis. Below the prefix:
//   partitions               hash   "<partition>:owner", ":epoch", ":last_seq", ":batches", ":beat"
//   members             hash   service -> store id
//   identity            string, the database's random id
//   settings            hash   name -> value, of those that all nodes have in common
//   outbox:<partition>       sorted set of events by seq
//   inbox               hash   event id -> record
//   inbox:<source>      sorted set of "<seq>:<event id>" by the time of applying
//   inbox_passed        hash   "inbox:<source>" -> how many old rows the clean-up has passed
//   idempotency:<scope> string, expires by itself
//   dead_letter         hash   event id -> record
//   dead_letters        sorted set of event ids, in their order
//   operator_action     hash   action id -> record of what an operator has done with an event

#include "storage/base/time.hpp"
#include "storage/db/redis_handlers.hpp"

namespace stoa::kernel {

/// Adds the handlers of the kernel's statements. Answers are kept for `idempotency_ttl` by Redis'
/// own clock.
void add_redis_handlers(db::redis_handlers& handlers, const std::string& prefix,
                        microseconds idempotency_ttl);

}  // namespace stoa::kernel
