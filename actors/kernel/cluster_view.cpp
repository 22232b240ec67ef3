#include "actors/kernel/cluster_view.hpp"

#include <algorithm>
#include <set>

namespace stoa::kernel {

std::map<std::string, std::vector<std::int64_t>> lanes_without_owner(
    const std::vector<node_state>& nodes) {
  std::map<std::string, std::int64_t> lanes;
  std::map<std::string, std::set<std::int64_t>> owned;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      lanes[s.service] = std::max(lanes[s.service], s.lanes);
      for (const auto& l : s.owned) owned[s.service].insert(l.lane);
    }
  }
  std::map<std::string, std::vector<std::int64_t>> found;
  for (const auto& [service, count] : lanes) {
    for (std::int64_t i = 0; i < count; ++i) {
      if (!owned[service].contains(i)) found[service].push_back(i);
    }
  }
  return found;
}

}  // namespace stoa::kernel
