#pragma once
// Derived from the states of all nodes.

#include "actors/kernel/node_state.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stoa::kernel {

/// The partitions without an owner, by service; services without any are omitted.
std::map<std::string, std::vector<std::int64_t>> partitions_without_owner(
    const std::vector<node_state>& nodes);

}  // namespace stoa::kernel
