#pragma once
// The run of a relay that an event comes from. Outbox numbers are unique only within one history of
// the database: after a fail-over to a replica that lagged, numbers are assigned again. Code that
// stores or compares numbers must compare the runs first.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace stoa::kernel {

/// One relay from its start to its end. All its events belong to one history of the database.
struct outbox_run {
  uuid run;                      ///< UUIDv7, created when the run started
  std::int64_t epoch = 0;        ///< of the partition when the run started
  std::int64_t last_seq = 0;     ///< of the partition when the run started; later events are higher
  std::optional<uuid> database;  ///< identity of the producer's database (member_store.hpp)
};
BOOST_DESCRIBE_STRUCT(outbox_run, (), (run, epoch, last_seq, database))
/// Null: sent by a node of an earlier version.
using run_ptr = std::shared_ptr<const outbox_run>;

}  // namespace stoa::kernel
