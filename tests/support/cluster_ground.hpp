#pragma once
// What the nodes of a cluster share: PostgreSQL, and by choice Redis and NATS, with gates on the
// way to them.

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
  bool redis = false;  ///< carts are there, and not in PostgreSQL
  bool nats = false;   ///< events go over it, and not from node to node
  bool gates = false;  ///< the nodes reach all three through gates
  bool roomy =
      false;        ///< PostgreSQL has the memory of docker/compose.cluster.yaml, and not a test's
  int writers = 2;  ///< of a service; one would be with one node only
  bool fsync = false;  ///< PostgreSQL's and Redis': needed where they are killed
};

/// The servers run from the constructor on. Make it in the main thread.
class cluster_ground {
 public:
  /// The programs that are missing for it, in words; empty: none.
  static std::string missing(const ground_options& options);

  explicit cluster_ground(ground_options options);

  /// Settings of all nodes of the store with that name; stores of two names know nothing of each
  /// other. The program makes the databases.
  environment settings(const std::string& store);
  /// Writes down beside the data folder where its store is; by that store_files finds it.
  void note_place(const std::filesystem::path& data, const std::string& store);

  postgres_server& postgres() { return postgres_; }
  redis_server& redis() { return *redis_; }
  nats_server& nats() { return *nats_; }
  bool has_redis() const { return redis_ != nullptr; }
  bool has_nats() const { return nats_ != nullptr; }
  /// Those that there are, by name: "postgres", "redis", "nats".
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
  std::vector<std::string> stores_;  ///< each has a database of its own in Redis, by its place here
};

}  // namespace stoa::test
