#pragma once
// Nodes that recently rejected this node or were rejected by it.

#include "actors/kernel/node_state.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::kernel {

class refused_nodes {
 public:
  using clock = std::chrono::steady_clock;
  /// A rejected node keeps calling: one that has not called for this time is removed.
  static constexpr std::chrono::seconds kept{30};
  static constexpr std::size_t most = 64;

  /// `differs`: the node belongs to the same store but has different settings. When `most` nodes
  /// are recorded, new ones are ignored.
  void note(const std::string& node, const std::string& reason, bool differs,
            clock::time_point now = clock::now()) {
    std::scoped_lock lock(mutex_);
    std::erase_if(known_, [&](const auto& r) { return now - r.second.at > kept; });
    const auto found = known_.find(node);
    if (found != known_.end()) {
      found->second = {reason, differs, now};
    } else if (known_.size() < most) {
      known_.emplace(node, refusal{reason, differs, now});
    }
  }
  std::vector<refused_node> all(clock::time_point now = clock::now()) const {
    std::vector<refused_node> nodes;
    std::scoped_lock lock(mutex_);
    for (const auto& [node, r] : known_) {
      if (now - r.at <= kept) nodes.push_back({node, r.reason});
    }
    return nodes;
  }
  /// Whether one of them has different settings.
  bool differ(clock::time_point now = clock::now()) const {
    std::scoped_lock lock(mutex_);
    return std::ranges::any_of(
        known_, [&](const auto& r) { return r.second.differs && now - r.second.at <= kept; });
  }

 private:
  struct refusal {
    std::string reason;
    bool differs = false;
    clock::time_point at;
  };
  mutable std::mutex mutex_;
  std::map<std::string, refusal> known_;
};

}  // namespace stoa::kernel
