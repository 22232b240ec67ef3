#pragma once
// Partitions: which writer may commit. A partition's epoch is its fencing token (Kleppmann, "How to
// do distributed locking", 2016): whoever takes the partition raises it, and every batch is saved
// on the condition that it still stands.

#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

/// What a writer needs to know of the partition that it has taken.
struct partition_grant {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
  std::int64_t batches = 0;
};

/// Where the epoch and the outbox of a new partition begin.
struct partition_start {
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
};
/// Beyond all that the partitions of a database had which has lost them: no former owner can
/// commit, and no subscriber takes a new event for one that it has had.
partition_start partition_start_after_loss(timestamp now);

/// The clock of a shared database's server.
timestamp read_clock(db::connection& c);
/// Makes sure that the service has partitions: `count` of them when it has none yet. Returns how
/// many there are.
std::int64_t make_partitions(db::connection& c, std::int64_t count, partition_start start = {});
/// All partitions in their order.
std::vector<partition_row> read_partitions(db::connection& c);
/// Takes the partition from whoever had it when its epoch was `seen`; nothing when it has been
/// taken since. Waits for a commit that is under way under the old epoch.
std::optional<partition_grant> take_partition(db::connection& c, std::int64_t partition,
                                              std::int64_t seen, const std::string& owner);
/// Takes the partition from its owner; for programs with exclusive access to the database.
partition_grant seize_partition(db::connection& c, std::int64_t partition,
                                const std::string& owner);
/// Releases the partition, so that another node can take it immediately.
void release_partition(db::connection& c, const partition_grant& grant);
/// The statement that ties a batch to the partition: refused as stale when the partition is
/// another's now, and when the database is not as the batch before has left it.
db::statement save_partition(const partition_grant& after);
/// Whether a stale error is save_partition's.
bool partition_lost(const db::error& e);

}  // namespace stoa::kernel
