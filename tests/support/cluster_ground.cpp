#include "tests/support/cluster_ground.hpp"

#include <algorithm>
#include <fstream>

namespace stoa::test {
namespace {

/// For several stores with several nodes each, all services with all their readers.
constexpr int connections_max = 900;
constexpr const char* redis_databases = "256";

using settings_list = std::vector<std::pair<std::string, std::string>>;

settings_list roomy_settings() {
  return {{"shared_buffers", "512MB"}, {"max_wal_size", "4GB"}};
}

std::string local(const std::string& scheme, std::uint16_t port) {
  return scheme + "127.0.0.1:" + std::to_string(port);
}

}  // namespace

std::string cluster_ground::missing(const ground_options& options) {
  if (!postgres_server::available()) return "PostgreSQL's server is not installed";
  if (options.redis && !redis_server::available()) return "redis-server is not installed";
  if (options.nats && !nats_server::available()) return "nats-server is not installed";
  return {};
}

cluster_ground::cluster_ground(ground_options options)
    : options_(options),
      postgres_({.fsync = options.fsync,
                 .tls = false,
                 .max_connections = connections_max,
                 .settings = options.roomy ? roomy_settings() : settings_list{}}) {
  if (options.redis) {
    redis_ = std::make_unique<redis_server>(
        redis_server_options{.appendfsync = options.fsync ? "always" : "no",
                             .settings = {{"databases", redis_databases}}});
  }
  if (options.nats) nats_ = std::make_unique<nats_server>();
  if (!options.gates) return;
  gates_.emplace_back("postgres", std::make_unique<tcp_proxy>(postgres_.port()));
  if (redis_) gates_.emplace_back("redis", std::make_unique<tcp_proxy>(redis_->port()));
  if (nats_) gates_.emplace_back("nats", std::make_unique<tcp_proxy>(nats_->port()));
}

std::uint16_t cluster_ground::way_to(const std::string& name, std::uint16_t port) const {
  const auto gate =
      std::find_if(gates_.begin(), gates_.end(), [&](const auto& g) { return g.first == name; });
  return gate == gates_.end() ? port : gate->second->port();
}

int cluster_ground::number_of(const std::string& store) {
  const auto at = std::find(stores_.begin(), stores_.end(), store);
  const auto number = static_cast<int>(at - stores_.begin());
  if (at == stores_.end()) stores_.push_back(store);
  return number;
}

environment cluster_ground::settings(const std::string& store) {
  environment all{
      {"STOA_CLUSTER_NAME", store},
      {"STOA_DATA_STORE", "postgres"},
      // Without proxies, over the Unix socket, as on one machine.
      {"STOA_POSTGRES_URL", gates_.empty()
                                ? postgres_.socket_url(store + "_{service}")
                                : local("postgresql://stoa@", gates_.front().second->port()) + "/" +
                                      store + "_{service}"},
      // Each connection is a PostgreSQL process: most of a node's start-up work.
      {"STOA_POSTGRES_READERS", "1"},
      {"STOA_QUERIES_EXPENSIVE_READERS", "1"},
      {"STOA_POSTGRES_WRITERS", std::to_string(options_.writers)},
  };
  if (redis_) {
    all.emplace_back("STOA_CART_STORE", "redis");
    all.emplace_back("STOA_REDIS_URL", local("redis://", way_to("redis", redis_->port())) + "/" +
                                           std::to_string(number_of(store)));
  }
  if (nats_) {
    all.emplace_back("STOA_EVENTS_BUS", "nats");
    all.emplace_back("STOA_NATS_URLS", local("nats://", way_to("nats", nats_->port())));
    all.emplace_back("STOA_NATS_STREAM", store);
  }
  return all;
}

void cluster_ground::note_place(const std::filesystem::path& data, const std::string& store) {
  std::ofstream note(data.string() + ".place");
  note << postgres_.url(store + "_{service}") << "\n";
  if (redis_) note << redis_->url(number_of(store)) << "\n";
}

}  // namespace stoa::test
