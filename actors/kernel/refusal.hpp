#pragma once
// Why a node has nothing to do with another one, and how often that is worth a line in the log.

#include "actors/kernel/node_state.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace stoa::kernel {

/// What is wrong with the state that another node tells, which may be anything; empty: nothing. All
/// names have the form and length that the settings allow, all numbers are in their ranges.
std::string flaw_of(const node_state& s);

/// Of the reason why two nodes do not work together, which both keep and tell.
inline constexpr std::size_t refusal_bytes_max = 1000;

/// Text of another node as it may stand in a log, an error or this node's state: one line of UTF-8,
/// and short.
std::string cut_short(std::string_view text, std::size_t bytes_max = 200);

/// Which settings differ that all nodes have in common, or which keys; empty: none.
std::string difference(const node_state& me, const node_state& other);
/// Whether the node has partitions: what it runs with is what the store's nodes run with.
bool has_partitions(const node_state& s);

/// Why `me` refuses `other`; empty: it does not. Reads the same in the logs of both.
inline std::string incompatibility(const node_state& me, const node_state& other) {
  if (other.cluster != me.cluster) {
    return other.node + " is of the cluster " + other.cluster + ", " + me.node + " of " +
           me.cluster;
  }
  if (other.protocol != me.protocol) {
    return other.node + " speaks protocol " + std::to_string(other.protocol) + ", " + me.node +
           " " + std::to_string(me.protocol);
  }
  return difference(me, other);
}

/// What goes wrong again and again is told the first time, when its reason is a new one, and once a
/// minute as long as it lasts.
class log_throttle {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds interval{60};
  /// Of more than so many nobody keeps count: names come from others.
  static constexpr std::size_t kept_max = 1000;

  /// How often it has happened for this reason since that was told last, this time included; 0: not
  /// to be told now.
  std::int64_t happened(const std::string& who, const std::string& why, clock::time_point at) {
    const key of{who, why};
    if (kept_.size() >= kept_max && !kept_.contains(of)) kept_.clear();
    auto [it, is_new] = kept_.try_emplace(of, trouble{at, 0});
    auto& t = it->second;
    if (is_new) return 1;
    ++t.untold;
    if (at - t.told_at < interval) return 0;
    t.told_at = at;
    return std::exchange(t.untold, 0);
  }
  /// It is over: the next time is told as the first.
  void over(const std::string& who) {
    std::erase_if(kept_, [&](const auto& k) { return k.first.first == who; });
  }
  std::size_t kept() const { return kept_.size(); }

 private:
  struct trouble {
    clock::time_point told_at;
    std::int64_t untold = 0;
  };
  using key = std::pair<std::string, std::string>;  ///< who and why: two reasons may take turns
  std::map<key, trouble> kept_;
};

}  // namespace stoa::kernel
