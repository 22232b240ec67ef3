#pragma once
// The subcommands of `stoa`. Each returns an exit code: 0 done, 1 failed, 2 bad settings or usage,
// 3 partly done (an import with unreadable rows). `stoa status` defines further codes.

#include "config/load.hpp"

#include <cstdint>
#include <string>

namespace stoa::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_partly = 3;
// Of `stoa status`.
inline constexpr int exit_degraded = 3;
inline constexpr int exit_unhealthy = 4;

int run_serve(const settings& s);
/// Brings all databases of the data directory up to date.
int run_migrate(const settings& s);

}  // namespace stoa::cli
