// With STOA_TEST_CLUSTER=3 each server that a test starts is the front of a cluster of three nodes
// on a PostgreSQL that the whole program shares. STOA_TEST_CLUSTER_WITH adds "nats" (for events)
// and "redis" (for carts). Linked into the tests that support this.

#include "tests/support/cluster.hpp"
#include "tests/support/skip.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;

ground_options asked_ground() {
  const char* set = std::getenv("STOA_TEST_CLUSTER_WITH");
  const std::string with = set ? set : "";
  ground_options o;
  o.nats = with.find("nats") != std::string::npos;
  o.redis = with.find("redis") != std::string::npos;
  const auto missing = cluster_ground::missing(o);
  if (missing.empty()) return o;
  std::cout << "skipped: " << missing << std::endl;
  std::_Exit(exit_skipped);
}

/// Created before the first server of the program, so that it ends after the last.
cluster_ground& ground() {
  static cluster_ground one(asked_ground());
  return one;
}

class others final : public companions {
 public:
  others(cluster_options options) : plan_(ground(), std::move(options)) {
    for (std::size_t i = 1; i < plan_.all().nodes; ++i) {
      nodes_.push_back(std::make_unique<server>(plan_.options(i)));
    }
  }

  environment front_settings() const override { return plan_.settings(0); }
  void launch() override {
    for (auto& n : nodes_) n->launch();
  }
  void await_ready() override {
    for (auto& n : nodes_) n->await_ready();
  }
  void kill() override {
    for (auto& n : nodes_) n->kill();
  }
  bool stop(milliseconds limit) override {
    bool clean = true;
    for (auto& n : nodes_) {
      if (!n->running() || n->stop(limit) == 0) continue;
      clean = false;
      std::cerr << "a node did not stop cleanly:\n" << n->log_end() << std::endl;
    }
    return clean;
  }
  void make_keys() const { plan_.make_keys(); }

 private:
  cluster_plan plan_;
  std::vector<std::unique_ptr<server>> nodes_;
};

class every_server_a_cluster final : public cluster_mode {
 public:
  explicit every_server_a_cluster(std::size_t nodes) : nodes_(nodes) {}

  std::unique_ptr<companions> join(const server_options& front) override {
    cluster_options o;
    o.program = front.program;
    o.data = front.data;
    o.store = store_of(front.data);
    o.nodes = nodes_;
    o.settings = front.settings;
    auto made = std::make_unique<others>(std::move(o));
    made->make_keys();
    return made;
  }

  environment store_settings(const std::filesystem::path& data) override {
    return ground().settings(store_of(data));
  }

 private:
  /// Each data folder is a separate store. Temporary folder names can repeat only between runs.
  std::string store_of(const std::filesystem::path& data) {
    const std::scoped_lock lock(mutex_);
    const auto [at, is_new] = stores_.try_emplace(std::filesystem::absolute(data).string());
    if (is_new) at->second = "t" + std::to_string(stores_.size());
    return at->second;
  }

  const std::size_t nodes_;
  std::mutex mutex_;
  std::map<std::string, std::string> stores_;
};

struct switch_on {
  switch_on() {
    const char* nodes = std::getenv("STOA_TEST_CLUSTER");
    if (!nodes) return;
    static every_server_a_cluster mode(static_cast<std::size_t>(std::atoi(nodes)));
    use_cluster_mode(&mode);
  }
} const at_start;

}  // namespace
}  // namespace stoa::test
