#pragma once
// Which run of a relay an event comes from. Numbers of an outbox are unique only within one history
// of its database: after a fail-over to a replica that lagged, the next events get numbers that
// were given out before. So code that keeps or compares numbers compares the runs first.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace stoa::kernel {

/// One relay from its start to its end. All that it sends stands in one history of the database.
struct outbox_run {
  uuid run;                      ///< UUIDv7, made when the run began
  std::int64_t epoch = 0;        ///< of the partition when the run began
  std::int64_t last_seq = 0;     ///< of the partition when the run began: what follows is higher
  std::optional<uuid> database;  ///< identity of the producer's database (member_store.hpp)
};
BOOST_DESCRIBE_STRUCT(outbox_run, (), (run, epoch, last_seq, database))
/// Null: the sender is a node of a version that does not tell.
using run_ptr = std::shared_ptr<const outbox_run>;

}  // namespace stoa::kernel
