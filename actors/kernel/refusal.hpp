#pragma once
// Why a node rejects another one, and how often that is logged.

#include "actors/kernel/node_state.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace stoa::kernel {

/// Validates the state received from another node, which is untrusted; empty: valid. Checks the
/// form and length of names and the ranges of numbers.
std::string validation_error_of(const node_state& s);

/// Maximum size of the reason for rejecting a node, which both nodes store and report.
inline constexpr std::size_t refusal_bytes_max = 1000;

/// Another node's text made safe for a log, an error or this node's state: one line of UTF-8,
/// truncated to bytes_max.
std::string cut_short(std::string_view text, std::size_t bytes_max = 200);

/// The shared settings or keys that differ; empty: none.
std::string difference(const node_state& me, const node_state& other);
/// Whether the node owns partitions: its settings are those of the store's nodes.
bool has_partitions(const node_state& s);

/// Why `me` rejects `other`; empty: it does not. The text is the same in the logs of both.
inline std::string incompatibility(const node_state& me, const node_state& other) {
  if (other.cluster != me.cluster) {
    return other.node + " belongs to cluster " + other.cluster + ", " + me.node + " to " +
           me.cluster;
  }
  if (other.protocol != me.protocol) {
    return other.node + " uses protocol " + std::to_string(other.protocol) + ", " + me.node +
           " uses " + std::to_string(me.protocol);
  }
  return difference(me, other);
}

/// Limits the logging of a recurring failure: the first time, each new reason, and once a minute
/// while it lasts.
class log_throttle {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds interval{60};
  /// Bounds the number of entries, whose names come from untrusted peers.
  static constexpr std::size_t kept_max = 1000;

  /// Occurrences since the last log line for this reason, including this one; 0: do not log now.
  std::int64_t happened(const std::string& who, const std::string& why, clock::time_point at) {
    const key of{who, why};
    if (kept_.size() >= kept_max && !kept_.contains(of)) kept_.clear();
    auto [it, is_new] = kept_.try_emplace(of, entry{at, 0});
    auto& e = it->second;
    if (is_new) return 1;
    ++e.suppressed;
    if (at - e.logged_at < interval) return 0;
    e.logged_at = at;
    return std::exchange(e.suppressed, 0);
  }
  /// The failure has ended: the next one is logged at once.
  void over(const std::string& who) {
    std::erase_if(kept_, [&](const auto& k) { return k.first.first == who; });
  }
  std::size_t kept() const { return kept_.size(); }

 private:
  struct entry {
    clock::time_point logged_at;
    std::int64_t suppressed = 0;
  };
  using key = std::pair<std::string, std::string>;  ///< who and why: reasons may alternate
  std::map<key, entry> kept_;
};

}  // namespace stoa::kernel
