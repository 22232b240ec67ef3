#pragma once
// Seeded faults in a cluster: every component fails and recovers at random moments.

#include "tests/support/cluster.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace stoa::test {

/// Runs in the calling thread, which must be the main thread: it starts programs.
class weather {
 public:
  using clock = std::chrono::steady_clock;

  weather(cluster_ground& ground, cluster& nodes, std::uint64_t seed);

  /// A further kind of fault; its weight is relative to 2 for each server.
  void add(std::string name, int weight, std::function<void()> happen);
  /// Runs it later, even if the storm has ended.
  void after(std::chrono::milliseconds wait, std::function<void()> then);
  std::chrono::milliseconds some_ms(int from, int to);

  /// The given number of faults, one every 300 to 900 ms, with their follow-up actions.
  void rage(std::int64_t events);
  /// Repairs everything: nothing is held, every program runs, and every node is ready.
  void calm();

  /// The number of faults by kind.
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }
  /// Whether the node with that front was frozen or down at some moment of the interval.
  bool was_frozen(std::uint16_t port, clock::time_point begin, clock::time_point end) const;

 private:
  struct event {
    std::string name;
    int weight;
    std::function<void()> happen;
  };
  struct away {
    std::uint16_t port;
    clock::time_point begin;
    clock::time_point end;
  };

  void plan();
  void one_event();
  void run_due();
  int up_to(int most) { return std::uniform_int_distribution(0, most)(random_); }
  void kill_node();
  void freeze_node();
  void revive(std::size_t node);
  void kill_postgres();
  void kill_redis();
  void kill_nats(bool wiped);
  void disturb(const std::string& name, tcp_proxy& gate);
  std::vector<std::pair<std::string, tcp_proxy*>> all_gates();

  cluster_ground& ground_;
  cluster& nodes_;
  std::mt19937_64 random_;
  std::vector<event> events_;
  std::multimap<clock::time_point, std::function<void()>> due_;
  std::map<std::string, std::int64_t> counts_;
  std::vector<away> away_;
  std::vector<bool> busy_;  ///< nodes with a fault in progress
  bool postgres_down_ = false;
  bool redis_down_ = false;
  bool nats_down_ = false;
  int freezes_left_ = 0;
};

}  // namespace stoa::test
