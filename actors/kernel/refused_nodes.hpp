#pragma once
// Nodes with which this one does not work together, as one of the two has said lately.

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
  /// A node that is refused calls again and again: one that has not for so long is forgotten.
  static constexpr std::chrono::seconds kept{30};
  static constexpr std::size_t most = 64;

  /// `differs`: the two have one store with different settings. Beyond `most` nodes those that are
  /// known are kept.
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
  /// Whether one of them has other settings.
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
