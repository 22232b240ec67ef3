// Tracks the other nodes: their state, and whether they are alive.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "config/log_level.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

namespace stoa::kernel {

namespace {

/// Far above the size of any cluster.
constexpr std::size_t nodes_max = 1024;
/// Maximum age of a state when it is read.
constexpr seconds transit_max{1};

struct known_node {
  peer_ptr as_peer;
  link_handle link;
  node_state state;
  timestamp seen_at;
};

class link {
 public:
  link(link_handle::pointer self, service_registry& registry, endpoint_handle endpoint)
      : self_(self), registry_(registry), endpoint_(std::move(endpoint)) {
    me_.cluster = registry_.options.cluster.name;
    me_.node = registry_.members.self();
    me_.protocol = wire_protocol;
    me_.settings = registry_.options.settings;
    self_->set_down_handler([this](const caf::down_msg& down) { link_down(down); });
    self_->delayed_send(self_, registry_.options.cluster.heartbeat, beat_atom::value);
    ticked_at_ = now();
  }

  wire_welcome hello(const wire_state& from) {
    wire_welcome answer;
    answer.refused = accept(from);
    answer.mine = mine();
    return answer;
  }

  /// Handles a heartbeat or the dialer's reply. Returns why it is rejected; empty: accepted.
  std::string accept(const wire_state& from) {
    // A handle is null when the sender gave none, or the actor has ended.
    if (!from.link || !from.endpoint) return "missing actor handle in the node state";
    auto state = json::read_lenient<node_state>(from.state);
    if (!state) return "malformed node state: " + cut_short(state.error().detail);
    if (auto flaw = validation_error_of(*state); !flaw.empty()) return flaw;
    if (registry_.options.keys) me_.keys = registry_.options.keys();
    auto why = incompatibility(me_, *state);
    // A handle from another node does not tell its type: a wrong one ignores messages.
    const auto its_link = caf::actor_cast<link_handle>(from.link);
    if (why.empty()) why = conflict(*state, its_link);
    if (!why.empty()) {
      refuse(*state, why);
      return why;
    }
    refused_.over(with_cluster(*state));
    if (state->node == registry_.members.self()) return {};
    auto& known = nodes_[state->node];
    peer_ptr before;
    if (!known.as_peer || known.link != its_link) {
      before = known.as_peer;  // The node has restarted.
      known.as_peer =
          std::make_shared<peer>(peer{state->node, caf::actor_cast<endpoint_handle>(from.endpoint),
                                      static_cast<std::uint16_t>(state->port)});
      known.link = its_link;
      self_->monitor(its_link);
      log::info("node connected", {{"node", state->node}, {"version", state->version}});
      self_->send(self_, tick_atom::value);
    }
    known.state = std::move(*state);
    known.seen_at = now();
    compare_clocks(known.state);
    update();
    if (before) notify_ports(before);
    return {};
  }

  /// Sends this node's state to all others.
  void broadcast() {
    for (const auto& [name, n] : nodes_) self_->send(n.link, mine());
  }

  void beat() {
    timestamp at = now();
    const auto& limits = registry_.options.cluster;
    // If this process was suspended, the silence of others means nothing.
    if (at - ticked_at_ > limits.dead_after / 2) {
      for (auto& [name, n] : nodes_) n.seen_at = at;
    }
    ticked_at_ = at;
    std::vector<std::string> silent;
    for (const auto& [name, n] : nodes_) {
      if (at - n.seen_at > limits.dead_after) silent.push_back(name);
    }
    for (const auto& name : silent) remove_node(name, "no heartbeat");
    registry_.members.hold_back(me_.node, registry_.clocks->beyond());
    broadcast();
    self_->delayed_send(self_, limits.heartbeat, beat_atom::value);
  }

 private:
  static timestamp now() { return process_time().now(); }

  wire_state mine() { return wire_state_of(registry_, link_handle(self_), endpoint_); }

  /// A node without databases takes the time from other nodes' databases.
  void compare_clocks(const node_state& s) {
    registry_.members.hold_back(s.node, s.held_back);
    // clock_us was added in the same version as cordons.
    registry_.members.lacks_cordons(s.node, s.clock_us == 0);
    if (s.clock_us != 0) {
      registry_.clocks->peer(s.node, timestamp{s.clock_us} - system_time().now());
    }
    if (s.time_us != 0 && registry_.reference_service().empty()) {
      store_time().observe({s.time_us}, now() - transit_max, now());
    }
  }

  /// Nodes of different clusters may have the same name.
  static std::string with_cluster(const node_state& s) { return s.cluster + "/" + s.node; }

  /// A link may represent only one node, and the number of nodes is bounded.
  std::string conflict(const node_state& s, const link_handle& with) const {
    for (const auto& [name, n] : nodes_) {
      if (n.link == with && name != s.node) return "its link already represents node " + name;
    }
    return nodes_.size() < nodes_max || nodes_.contains(s.node) ? std::string() : "too many nodes";
  }

  /// Its dialer retries indefinitely, so the log is throttled.
  void refuse(const node_state& s, const std::string& why) {
    registry_.refused.note(s.node, cut_short(why, refusal_bytes_max),
                           has_partitions(s) && !difference(me_, s).empty());
    const auto times = refused_.happened(with_cluster(s), why, log_throttle::clock::now());
    if (times == 0) return;
    log::error("node refused",
               {{"node", s.node}, {"version", s.version}, {"reason", why}, {"times", times}});
  }

  void link_down(const caf::down_msg& down) {
    for (const auto& [name, n] : nodes_) {
      if (n.link.address() == down.source) return remove_node(name, "connection lost");
    }
  }

  void remove_node(std::string name, const char* reason) {
    log::warn("node lost", {{"node", name}, {"reason", std::string(reason)}});
    const auto lost = nodes_[name].as_peer;
    nodes_.erase(name);
    registry_.clocks->gone(name);
    registry_.members.dead(name);
    update();
    notify_ports(lost);
    // It may have been processing events from the broker for other nodes' partitions.
    if (registry_.options.bus) registry_.wake_relays();
    // The preferred owners take its partitions at once.
    for (const auto& [service, entry] : registry_.services) {
      if (auto keeper = entry->keeper()) self_->send(keeper, look_atom::value);
    }
  }

  /// Called after update(), which stops new requests to that node: the ports end those in flight
  /// before their deadline.
  void notify_ports(const peer_ptr& lost) {
    for (const auto& p : registry_.ports()) self_->send(p, peer_lost_box{lost});
  }

  /// Updates the registry from the states of the other nodes.
  void update() {
    std::vector<peer_ptr> peers;
    std::vector<node_state> states;
    for (const auto& [name, n] : nodes_) {
      peers.push_back(n.as_peer);
      states.push_back(n.state);
    }
    registry_.set_others(std::move(peers), std::move(states));
    for (const auto& [name, n] : nodes_) {
      std::set<std::string> runs;
      if (!n.state.leaving) {
        for (const auto& s : n.state.services) runs.insert(s.service);
      }
      registry_.members.alive(name, std::move(runs), n.state.cordoned);
    }
    bool changed = false;
    for (const auto& [service, entry] : registry_.services) {
      if (!update_service(service, *entry)) continue;
      changed = true;
      // This node may be the preferred owner of a partition that another node has released.
      if (auto keeper = entry->keeper()) self_->send(keeper, look_atom::value);
    }
    if (changed) registry_.wake_relays();
  }

  /// True when the owner of a partition has changed.
  bool update_service(const std::string& service, service_entry& entry) {
    std::vector<peer_ptr> readers;
    bool is_lost = false;
    std::array<std::pair<peer_ptr, std::int64_t>, partitions_max> owners{};
    std::array<bool, partitions_max> failing{};
    for (const auto& [name, n] : nodes_) {
      for (const auto& s : n.state.services) {
        if (s.service != service) continue;
        is_lost = is_lost || s.store == store_lost;
        if (s.readable && !n.state.leaving) readers.push_back(n.as_peer);
        const auto database = entry.local() ? std::nullopt : uuid::parse(s.database);
        if (database) entry.set_identity(*database);
        if (s.partitions > 0 && entry.partition_count == 0 &&
            s.partitions <= std::int64_t{partitions_max}) {
          entry.partition_count = static_cast<std::size_t>(s.partitions);
        }
        for (const auto& l : s.owned) {
          if (l.partition < 0 || l.partition >= std::int64_t{partitions_max}) continue;
          auto& owner = owners[static_cast<std::size_t>(l.partition)];
          if (l.epoch <= owner.second) continue;
          owner = {n.as_peer, l.epoch};
          failing[static_cast<std::size_t>(l.partition)] = !s.store.empty() && s.store != "ok";
        }
      }
    }
    entry.set_remotes(std::move(readers));
    if (!entry.local()) entry.data_lost = is_lost;
    bool changed = false;
    for (std::size_t i = 0; i < partitions_max; ++i) {
      changed |= entry.partitions[i].set_remote(owners[i].first, owners[i].second);
      entry.partitions[i].remote_failing = failing[i];
    }
    return changed;
  }

  link_handle::pointer self_;
  service_registry& registry_;
  endpoint_handle endpoint_;
  node_state me_;  ///< only the members that others are compared with
  std::map<std::string, known_node> nodes_;
  log_throttle refused_;
  timestamp ticked_at_;
};

using link_self = link_handle::stateful_pointer<std::optional<link>>;

}  // namespace

link_handle spawn_link(caf::actor_system& system, service_registry& registry,
                       endpoint_handle endpoint) {
  return system.spawn([&registry, endpoint = std::move(endpoint)](
                          link_self self) -> link_handle::behavior_type {
    ignore_unexpected_messages(self);
    log_exceptions(self, "link");
    self->state.emplace(self, registry, endpoint);
    return {
        [self](const wire_hello& from) -> wire_welcome { return self->state->hello(from.mine); },
        [self](const wire_state& from) { self->state->accept(from); },
        [self](const welcome_box& box) { self->state->accept(box.content); },
        [self](tick_atom) { self->state->broadcast(); },
        [self](beat_atom) { self->state->beat(); },
    };
  });
}

wire_state wire_state_of(const service_registry& registry, const link_handle& link,
                         const endpoint_handle& endpoint) {
  return {json::write(state_of(registry)), caf::actor_cast<caf::actor>(link),
          caf::actor_cast<caf::actor>(endpoint)};
}

/// The value of node_state::bus.
static std::string bus_of(const service_registry& registry) {
  if (!registry.options.bus) return "nodes";
  return registry.options.bus->connected() ? "broker" : "broker away";
}

/// The value of service_state::store.
static std::string store_of(const service_entry& entry) {
  if (entry.data_lost) return store_lost;
  if (entry.partition_count == 0 || entry.reach.failing_since_us() != 0) return "away";
  const auto failing = [](const partition_entry& l) { return l.failing_since_us != 0; };
  return std::ranges::any_of(entry.partitions, failing) ? "failing" : "ok";
}

node_state state_of(const service_registry& registry) {
  node_state s;
  s.cluster = registry.options.cluster.name;
  s.node = registry.members.self();
  s.version = STOA_VERSION;
  s.protocol = wire_protocol;
  s.port = registry.cluster_port;
  s.leaving = registry.leaving || registry.stopping;
  s.up_s = std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - registry.started)
               .count();
  s.bus = bus_of(registry);
  s.cordoned = registry.cordoned;
  s.drained = registry.drained;
  s.log_level = log::level_name();
  s.settings = registry.options.settings;
  if (registry.options.keys) s.keys = registry.options.keys();
  s.refused = registry.refused.all();
  s.clock_us = system_time().now().us;
  if (!registry.reference_service().empty()) s.time_us = store_time().now().us;
  s.clock_ahead_us = registry.clocks->ahead().count();
  s.held_back = registry.clocks->beyond();
  for (const auto& [name, entry] : registry.services) {
    if (!entry->local()) continue;
    service_state one;
    one.service = name;
    one.partitions = static_cast<std::int64_t>(entry->partition_count.load());
    one.readable = one.partitions > 0 && entry->reachable();
    if (const auto id = entry->identity()) one.database = id->str();
    one.in_flight =
        entry->commands_in_flight + entry->queries_in_flight + entry->expensive_in_flight;
    for (std::int64_t i = 0; i < one.partitions; ++i) {
      const auto& l = entry->partitions[static_cast<std::size_t>(i)];
      if (l.epoch() == 0) continue;
      one.owned.push_back(
          {i, l.epoch(), l.mailbox, l.batches, l.messages, l.outbox_held, l.outbox_lag_us});
    }
    one.store = store_of(*entry);
    one.figures = entry->figures();
    one.replica = entry->replica_here();
    s.services.push_back(std::move(one));
  }
  return s;
}

}  // namespace stoa::kernel
