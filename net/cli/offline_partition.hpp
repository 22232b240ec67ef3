#pragma once
// Partition ownership for commands on a shared database, possible only when no node serves it.

#include "config/settings.hpp"
#include "storage/kernel/partition_store.hpp"

namespace stoa::cli {

/// Hint for a store that a running server holds.
inline constexpr const char* use_url_hint =
    ": stop it first; `import`, `export` and `user create` work through a running server with "
    "--url";

/// Takes partition 0. Throws std::runtime_error when a live node owns a partition of the service.
kernel::partition_grant take_offline_partition(db::connection& c, const settings& s,
                                               bool one_partition);
/// Releases it. Never throws: an unreleased partition is free after its lease.
void release_offline_partition(db::connection& c, const kernel::partition_grant& grant) noexcept;

}  // namespace stoa::cli
