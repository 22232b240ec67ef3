#pragma once
// What follows from the words of all nodes together.

#include "actors/kernel/node_state.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stoa::kernel {

/// The partitions of each service that no node says it has; services that have none are left out.
std::map<std::string, std::vector<std::int64_t>> partitions_without_owner(
    const std::vector<node_state>& nodes);

}  // namespace stoa::kernel
