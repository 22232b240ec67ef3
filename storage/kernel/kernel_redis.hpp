#pragma once
// The kernel's tables in Redis. Below the prefix:
//   partitions          hash   "<partition>:owner", ":epoch", ":last_seq", ":batches", ":beat"
//   members             hash   service -> store id
//   identity            string, the database's random id
//   settings            hash   name -> value, of those that all nodes have in common
//   outbox:<partition>  sorted set of events by seq
//   inbox               hash   event id -> record
//   inbox:<source>      sorted set of "<seq>:<time of applying>:<event id>" by seq
//   idempotency:<scope> string, expires by itself
//   dead_letter         sorted set of "<event id><record>", in the order of the ids
//   operator_action:<id> hash, what an operator has done with an event

#include "storage/base/time.hpp"

#include <string>

namespace stoa::db {
struct redis_handlers;
}

namespace stoa::kernel {

/// Adds the handlers of the kernel's statements. Answers are kept for `idempotency_ttl` by Redis'
/// own clock.
void add_redis_handlers(db::redis_handlers& handlers, const std::string& prefix,
                        microseconds idempotency_ttl);

}  // namespace stoa::kernel
