#pragma once
// Which nodes live, and which of them should have which partition. Thread-safe and free of CAF.

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
  /// Another node lives and runs these services (none while it is leaving).
  void alive(const std::string& node, std::set<std::string> services, bool cordoned = false);
  /// A node was there and is gone.
  void dead(const std::string& node);
  /// This node takes no part any more.
  void leave();
  /// Partitions of this node should be other nodes', if any other runs the service; or not any
  /// more.
  void cordon(bool yes);
  /// The node lives and should have no partitions as long as others can have them.
  void hold_back(const std::string& node, bool held_back);
  /// Whether that is said of this node, and there are others.
  bool is_held_back() const;
  /// The node's version takes no notice of cordoned and held-back nodes. In services that it runs
  /// none counts then, since all nodes must find the same owner.
  void ignores_cordons(const std::string& node, bool yes);
  /// Such a node that lives; empty when there is none.
  std::string ignorant() const;

  const std::string& self() const { return self_; }
  bool is_alive(const std::string& node) const;
  /// True when the node was seen alive before and is not now.
  bool is_dead(const std::string& node) const;
  /// Whether any node that lives runs the service.
  bool anybody(std::string_view service) const;
  /// The node that should have the partition, as every node that sees the same members finds:
  /// partitions are dealt in their order, each to the node with the highest score (rendezvous
  /// hashing: Thaler and Ravishankar, 1998) of those that have not had their even share yet. The
  /// score does not depend on the service, so that partitions of one number, which an order's
  /// messages mostly stay in, share a node. Empty when no node runs the service.
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
  std::set<std::string> ignorant_;
};

/// The score of a node for a partition: stable across versions, as all nodes must agree.
std::uint64_t rendezvous_score(std::string_view node, std::size_t partition);

}  // namespace stoa::kernel
