#pragma once
// Outboxes, inboxes, dead letters, partitions and identities, as `stoa check` reads them.

#include "net/cli/check_reader.hpp"
#include "storage/kernel/kernel_records.hpp"

namespace stoa::cli {

using partition_map = std::map<std::string, std::vector<kernel::partition_row>>;  ///< by service

partition_map read_all_partitions(const check_sources& from);
/// True when something was committed between the two reads.
bool has_moved(const partition_map& before, const partition_map& after);

/// Adds findings: overdue outbox events, impossible event numbers, events that the producer has
/// lost, dead letters, databases of other stores. Returns the store's id.
std::string check_events(const check_sources& from, std::int64_t overdue_us, finding_list& out);

/// Adds the partitions that no node serves, if nodes of a shared store are running. An owner
/// updates its row within its lease, which must have passed between the two reads.
void check_partitions(const check_sources& from, const partition_map& before,
                      const partition_map& after, finding_list& out);

}  // namespace stoa::cli
