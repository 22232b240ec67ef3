#pragma once
// Which nodes are alive, and the preferred owner of each partition. Thread-safe and free of CAF.

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::kernel {

class membership {
 public:
  /// This node and the services that it runs.
  void set_self(std::string name, std::set<std::string> services);
  /// Another node is alive and runs these services (none while it is leaving).
  void alive(const std::string& node, std::set<std::string> services, bool cordoned = false);
  /// A node that was alive is lost.
  void dead(const std::string& node);
  /// This node is leaving.
  void leave();
  /// While cordoned, this node's partitions should move to other nodes that run the service.
  void cordon(bool yes);
  /// While held back, the node should own no partitions if other nodes can own them.
  void hold_back(const std::string& node, bool held_back);
  /// Whether this node is held back, and other nodes are not.
  bool is_held_back() const;
  /// The node's version does not support cordoned and held-back nodes. These states are then
  /// ignored for the services that it runs, since all nodes must agree on the owner.
  void lacks_cordons(const std::string& node, bool yes);
  /// A live node of such a version; empty: none.
  std::string ignorant() const;

  const std::string& self() const { return self_; }
  bool is_alive(const std::string& node) const;
  /// True when the node was alive before and is lost.
  bool is_dead(const std::string& node) const;
  /// Whether any live node runs the service.
  bool has_node_for(std::string_view service) const;
  /// The preferred owner of the partition; nodes with the same view of the members agree on it.
  /// Partitions are assigned in order, each to the node with the highest score (rendezvous hashing:
  /// Thaler and Ravishankar, 1998) among those below their even share. The score does not depend on
  /// the service, so that partitions with the same number share a node, as most of an order's
  /// messages stay within one number. Empty when no node runs the service.
  std::string preferred(std::string_view service, std::size_t partition,
                        std::size_t partitions) const;

 private:
  void mark(const std::string& node, bool cordoned);

  mutable std::mutex mutex_;
  std::string self_;
  std::map<std::string, std::set<std::string>> alive_;
  std::set<std::string> cordoned_;
  std::set<std::string> dead_;
  std::set<std::string> held_back_;
  std::set<std::string> without_cordons_;
};

/// A node's score for a partition. Must not change between versions: all nodes must agree.
std::uint64_t rendezvous_score(std::string_view node, std::size_t partition);

}  // namespace stoa::kernel
