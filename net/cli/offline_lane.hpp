#pragma once
// A lane for a command that works on a shared database: only when no node serves it.

#include "config/settings.hpp"
#include "storage/kernel/lane_store.hpp"

namespace stoa::cli {

/// What to do when a running server has the store.
inline constexpr const char* use_url_hint =
    ": stop it first; `import`, `export` and `user create` work through a running server with "
    "--url";

/// Takes lane 0. Throws std::runtime_error when a node has a lane of the service and lives.
kernel::lane_grant take_offline_lane(db::connection& c, const settings& s, bool one_lane);
/// Lets go of it. Never throws: a lane that is not released is free after its lease.
void release_offline_lane(db::connection& c, const kernel::lane_grant& grant) noexcept;

}  // namespace stoa::cli
