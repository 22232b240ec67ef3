#pragma once
// The log's level, changed while it runs.

#include "config/log.hpp"

namespace stoa::log {

/// From now on events of that level and above are written; after `duration_ms`, unless that is 0,
/// those of the level that start() was given, as before.
void set_level(level l, std::int64_t duration_ms);
std::string_view name_of(level l) noexcept;
/// The name of the level that holds now.
std::string_view level_name() noexcept;

}  // namespace stoa::log
