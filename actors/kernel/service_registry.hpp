#pragma once
// State shared by all actors of a node: the services, the connected nodes, options and metrics.

#include "actors/kernel/clock_watch.hpp"
#include "actors/kernel/membership.hpp"
#include "actors/kernel/metrics.hpp"
#include "actors/kernel/refused_nodes.hpp"
#include "actors/kernel/service_entry.hpp"

namespace stoa::kernel {

/// A counter of unanswered messages, and its limit.
struct flight {
  std::atomic<std::int64_t>& count;
  std::int64_t most;

  /// False when the limit is reached: then nothing is counted.
  bool enter() const {
    if (count.fetch_add(1, std::memory_order_relaxed) < most) return true;
    leave();
    return false;
  }
  void leave() const { count.fetch_sub(1, std::memory_order_relaxed); }
};

/// Where an actor runs: in CAF's pool, or, if it blocks on a network or a commit, on its own
/// thread.
enum class runs { in_pool, on_own_thread };

/// Filled before the first actor starts; the map of services does not change afterwards.
struct service_registry {
  node_options options;
  subscription_map subscriptions;
  /// The same types, for relays that publish to a broker: `all_subscribers` subscribes to each.
  subscription_map bus_subscriptions;
  std::map<std::string, std::unique_ptr<service_entry>, std::less<>> services;
  std::unique_ptr<kernel_metrics> metrics;
  std::unique_ptr<clock_watch> clocks;
  membership members;
  refused_nodes refused;
  /// Where actors that block run; a simulation has only the pool.
  runs blocking = runs::on_own_thread;
  std::atomic<std::uint16_t> cluster_port{0};  ///< 0: not listening yet
  std::atomic<bool> stopping{false};
  std::atomic<bool> failed{false};
  std::atomic<bool> leaving{false};   ///< releases all partitions and takes none
  std::atomic<bool> cordoned{false};  ///< hands its partitions to other nodes, if there are any
  std::atomic<bool> drained{false};   ///< also rejects customer requests: /readyz is not ready
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  service_entry* find(std::string_view name) const {
    auto it = services.find(name);
    return it == services.end() ? nullptr : it->second.get();
  }
  /// The service whose database's clock is store_time(); empty: none runs here.
  std::string_view reference_service() const {
    if (const auto* s = find(options.time_service); s && s->local()) return options.time_service;
    for (const auto& [name, s] : services) {
      if (s->local()) return name;
    }
    return {};
  }
  flight commands_of(service_entry& e) const {
    return {e.commands_in_flight, static_cast<std::int64_t>(options.in_flight_max)};
  }
  flight queries_of(service_entry& e, query_cost cost) const {
    if (cost == query_cost::cheap) {
      return {e.queries_in_flight, static_cast<std::int64_t>(options.in_flight_max)};
    }
    return {e.expensive_in_flight, static_cast<std::int64_t>(options.expensive_in_flight_max)};
  }
  /// Reports a fatal failure: the process must exit.
  void fail(const std::string& reason) {
    {
      std::scoped_lock lock(mutex_);
      if (failure_.empty()) failure_ = reason;
    }
    failed = true;
    if (options.on_failure) options.on_failure(reason);
  }
  /// The first reason given to fail(); empty: none.
  std::string failure() const {
    std::scoped_lock lock(mutex_);
    return failure_;
  }
  /// Unacknowledged events are sent again: a partition has a new owner, or the broker is reachable
  /// again.
  void wake_relays() const {
    for (const auto& [name, s] : services) {
      for (std::size_t i = 0; i < s->partition_count; ++i) {
        if (auto relay = s->partitions[i].relay()) caf::anon_send(relay, look_atom::value);
      }
    }
  }
  /// Sends this node's changed state to the other nodes at once.
  void announce() const {
    std::scoped_lock lock(mutex_);
    if (link_) caf::anon_send(link_, tick_atom::value);
  }
  void set_link(link_handle a) {
    std::scoped_lock lock(mutex_);
    link_ = std::move(a);
  }
  /// The other nodes, and the states that they report.
  std::vector<peer_ptr> peers() const {
    std::scoped_lock lock(mutex_);
    return peers_;
  }
  std::vector<node_state> others() const {
    std::scoped_lock lock(mutex_);
    return others_;
  }
  void set_others(std::vector<peer_ptr> peers, std::vector<node_state> states) {
    std::scoped_lock lock(mutex_);
    peers_ = std::move(peers);
    others_ = std::move(states);
  }
  /// All other nodes that are visible have different settings: this one takes no partitions.
  bool has_only_incompatible_peers() const {
    std::scoped_lock lock(mutex_);
    return peers_.empty() && refused.differ();
  }
  /// All ports; they are notified of lost nodes.
  std::vector<port_handle> ports() const {
    std::scoped_lock lock(mutex_);
    return ports_;
  }
  void add_port(port_handle a) {
    std::scoped_lock lock(mutex_);
    ports_.push_back(std::move(a));
  }
  void clear_actors() {
    std::scoped_lock lock(mutex_);
    link_ = nullptr;
    ports_.clear();
    peers_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::string failure_;
  link_handle link_;
  std::vector<port_handle> ports_;
  std::vector<peer_ptr> peers_;
  std::vector<node_state> others_;
};

/// Runs an operation on this node; returns the problem when it fails.
std::optional<problem> operate_here(service_registry& registry, const node_operation& what);

/// The node's view of a port.
class node_port : public port {
 public:
  /// Releases the actor system. No other thread may post concurrently or afterwards.
  virtual void close() = 0;
};

template <class Body>
auto spawn_where(caf::actor_system& system, runs where, Body body) {
  return where == runs::on_own_thread ? system.spawn<caf::detached>(std::move(body))
                                      : system.spawn(std::move(body));
}

// The actors (caf_types.hpp), each in its own file. `registry` and `service` must outlive them.
keeper_handle spawn_keeper(caf::actor_system& system, service_registry& registry,
                           service_entry& service);
writer_handle spawn_writer(caf::actor_system& system, runs where, service_registry& registry,
                           service_entry& service, partition_grant grant, keeper_handle keeper);
reader_handle spawn_reader(caf::actor_system& system, runs where, service_registry& registry,
                           service_entry& service, reader_group group);
replica_handle spawn_replica_watch(caf::actor_system& system, service_registry& registry,
                                   service_entry& service);
relay_handle spawn_relay(caf::actor_system& system, runs where, service_registry& registry,
                         service_entry& service, std::int64_t partition);
timer_handle spawn_timer(caf::actor_system& system, runs where, service_registry& registry,
                         service_entry& service, std::int64_t partition);
/// An exception ends the actor and is logged; CAF's default prints it to standard error.
void log_exceptions(caf::scheduled_actor* self, std::string_view actor);
/// Sends events to the writer of the subscriber's partition, local or remote; rejects them while
/// the partition has no owner.
void send_deliveries(partition_entry& partition, delivery_box box);
/// Rejects events for a partition that this node does not own with `partition_moved`: they are sent
/// again to its owner.
void refuse_moved(const delivery_box& box);
std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, service_registry& registry);

}  // namespace stoa::kernel
