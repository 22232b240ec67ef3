#pragma once
// Ownership of partitions. A partition's epoch is its fencing token (Kleppmann, "How to do
// distributed locking", 2016): a new owner raises it, and every batch is saved on the condition
// that it is unchanged.

#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

/// The state of a partition that a writer has taken.
struct partition_grant {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
  std::int64_t batches = 0;
};

/// Initial epoch and outbox number of a new partition.
struct partition_start {
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
};
/// Values above those of partitions that a database has lost: no former owner can commit, and no
/// subscriber takes a new event for a repeat.
partition_start partition_start_after_loss(timestamp now);

/// The clock of a shared database's server.
timestamp read_clock(db::connection& c);
/// Creates `count` partitions if the service has none. Returns the number of partitions.
std::int64_t make_partitions(db::connection& c, std::int64_t count, partition_start start = {});
/// All partitions in order.
std::vector<partition_row> read_partitions(db::connection& c);
/// Takes the partition if its epoch is still `seen`; otherwise returns nothing. Waits for a commit
/// in progress under the old epoch.
std::optional<partition_grant> take_partition(db::connection& c, std::int64_t partition,
                                              std::int64_t seen, const std::string& owner);
/// Takes the partition from its owner; for programs with exclusive access to the database.
partition_grant force_take_partition(db::connection& c, std::int64_t partition,
                                     const std::string& owner);
/// Releases the partition, so that another node can take it immediately.
void release_partition(db::connection& c, const partition_grant& grant);
/// The statement that makes a batch conditional on the partition: fails as stale if the partition
/// has another owner or the database is not in the state after the previous batch.
db::statement save_partition(const partition_grant& after);
/// Fails like save_partition's statement, if it would; saves nothing.
void require_partition(db::connection& c, const partition_grant& owned);
/// Whether a writer of the service may keep records in memory: it must see all changes, so it must
/// be the only one. Partitions are never added.
bool can_keep_records(db::connection& c);
/// Whether a stale error is save_partition's.
bool partition_lost(const db::error& e);

}  // namespace stoa::kernel
