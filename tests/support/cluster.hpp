#pragma once
// Several nodes that serve one store.

#include "tests/support/cluster_ground.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stoa::test {

struct cluster_options {
  std::filesystem::path program;  ///< empty: stoa_binary()
  /// The first node's data folder, which holds the keys, the sandbox's ledger and the mails of all
  /// nodes; the others' are named after it with their number.
  std::filesystem::path data;
  std::string store = "shop";  ///< first part of the database names
  std::size_t nodes = 3;
  environment settings;              ///< of all nodes
  std::vector<std::string> roles{};  ///< node.services of each; missing: all
  std::vector<environment> own{};    ///< further settings of each
  bool links_gated = false;          ///< requests from other nodes pass through a proxy
};

/// The settings of each node, and the proxies in front of them. The caller starts the nodes.
class cluster_plan {
 public:
  cluster_plan(cluster_ground& ground, cluster_options options);
  /// The first is node 0.
  environment settings(std::size_t node) const;
  server_options options(std::size_t node) const;
  tcp_proxy& link(std::size_t node) { return *links_[node]; }
  const cluster_options& all() const { return options_; }
  /// Creates the keys that all nodes share, if they are missing.
  void make_keys() const;

 private:
  std::string peers() const;

  cluster_options options_;
  environment shared_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<tcp_proxy>> links_;
};

/// All nodes as children of the test.
class cluster {
 public:
  /// Does not start them; their databases may be filled first (`load`).
  cluster(cluster_ground& ground, cluster_options options);

  /// Creates the demo store.
  void load(int products, int stock, int seed = 1) const;
  /// Creates the administrator `root`.
  void create_root() const;
  /// Starts all and waits until each is ready.
  void start();
  void await_ready();
  std::size_t size() const { return nodes_.size(); }
  server& node(std::size_t i) { return *nodes_[i]; }
  tcp_proxy& link(std::size_t i) { return plan_.link(i); }
  const std::filesystem::path& data() const { return plan_.all().data; }
  const std::string& store() const { return plan_.all().store; }
  std::vector<std::uint16_t> ports() const;
  /// For commands that work on the store from that node.
  environment node_settings(std::size_t i) const { return plan_.settings(i); }
  /// The ends of all logs.
  std::string logs(std::size_t bytes = 3000) const;

 private:
  cluster_plan plan_;
  environment store_;
  std::vector<std::unique_ptr<server>> nodes_;
};

}  // namespace stoa::test
