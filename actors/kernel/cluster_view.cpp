#include "actors/kernel/cluster_view.hpp"

#include <algorithm>
#include <set>

namespace stoa::kernel {

std::map<std::string, std::vector<std::int64_t>> partitions_without_owner(
    const std::vector<node_state>& nodes) {
  std::map<std::string, std::int64_t> partitions;
  std::map<std::string, std::set<std::int64_t>> owned;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      partitions[s.service] = std::max(partitions[s.service], s.partitions);
      for (const auto& l : s.owned) owned[s.service].insert(l.partition);
    }
  }
  std::map<std::string, std::vector<std::int64_t>> found;
  for (const auto& [service, count] : partitions) {
    for (std::int64_t i = 0; i < count; ++i) {
      if (!owned[service].contains(i)) found[service].push_back(i);
    }
  }
  return found;
}

}  // namespace stoa::kernel
