#pragma once
// What the nodes of a cluster share: PostgreSQL, and optionally Redis and NATS, with proxies in
// front of them.

#include "tests/support/nats_server.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/server.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stoa::test {

struct ground_options {
  bool redis = false;  ///< carts are in Redis instead of PostgreSQL
  bool nats = false;   ///< events go over NATS instead of from node to node
  bool gates = false;  ///< the nodes reach all three through proxies
  bool roomy =
      false;  ///< PostgreSQL has the memory of docker/compose.cluster.yaml instead of a test's
  int writers = 2;     ///< per service; with one writer a single node would run the service
  bool fsync = false;  ///< of PostgreSQL and Redis: needed where they are killed
};

/// The servers run from the constructor on. Create it in the main thread.
class cluster_ground {
 public:
  /// The missing programs, as a text; empty: none.
  static std::string missing(const ground_options& options);

  explicit cluster_ground(ground_options options);

  /// Settings of all nodes of the store with that name; stores with different names are
  /// independent. The program creates the databases.
  environment settings(const std::string& store);
  /// Records the store's location beside the data folder, for store_files.
  void note_place(const std::filesystem::path& data, const std::string& store);

  postgres_server& postgres() { return postgres_; }
  redis_server& redis() { return *redis_; }
  nats_server& nats() { return *nats_; }
  bool has_redis() const { return redis_ != nullptr; }
  bool has_nats() const { return nats_ != nullptr; }
  /// The existing ones by name: "postgres", "redis", "nats".
  const std::vector<std::pair<std::string, std::unique_ptr<tcp_proxy>>>& gates() const {
    return gates_;
  }

 private:
  std::uint16_t way_to(const std::string& name, std::uint16_t port) const;
  int number_of(const std::string& store);

  ground_options options_;
  postgres_server postgres_;
  std::unique_ptr<redis_server> redis_;
  std::unique_ptr<nats_server> nats_;
  std::vector<std::pair<std::string, std::unique_ptr<tcp_proxy>>> gates_;
  std::vector<std::string> stores_;  ///< each uses the numbered Redis database of its position
};

}  // namespace stoa::test
