#pragma once
// A partition for a command that works on a shared database: only when no node serves it.

#include "config/settings.hpp"
#include "storage/kernel/partition_store.hpp"

namespace stoa::cli {

/// What to do when a running server has the store.
inline constexpr const char* use_url_hint =
    ": stop it first; `import`, `export` and `user create` work through a running server with "
    "--url";

/// Takes partition 0. Throws std::runtime_error when a node has a partition of the service and
/// lives.
kernel::partition_grant take_offline_partition(db::connection& c, const settings& s,
                                               bool one_partition);
/// Releases it. Never throws: a partition that is not released is free after its lease.
void release_offline_partition(db::connection& c, const kernel::partition_grant& grant) noexcept;

}  // namespace stoa::cli
