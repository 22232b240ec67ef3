#pragma once
// The log level at run time.

#include "config/log.hpp"

namespace stoa::log {

/// Sets the minimum level. After `duration_ms`, unless that is 0, the level passed to start()
/// applies again.
void set_level(level l, std::int64_t duration_ms);
std::string_view name_of(level l) noexcept;
/// The name of the current level.
std::string_view level_name() noexcept;

}  // namespace stoa::log
