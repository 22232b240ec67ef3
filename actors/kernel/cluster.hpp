#pragma once
// The actors that connect nodes. For actors/kernel/*.cpp only.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/service_registry.hpp"
#include "actors/kernel/wire.hpp"

namespace stoa::kernel {

struct peer_credentials;

/// Decodes the verdicts of a subscriber on another node.
verdict_box unpacked(const wire_verdicts& from);
verdict_box unpacked(const wire_event_verdicts& from);

/// Exchanges heartbeats with other nodes' links: which node owns which partition, which nodes are
/// dead.
link_handle spawn_link(caf::actor_system& system, service_registry& registry,
                       endpoint_handle endpoint);
/// Resolves the peers' addresses and connects to those that are not connected. Blocks on the
/// network.
dialer_handle spawn_dialer(caf::actor_system& system, service_registry& registry,
                           const peer_credentials& with, link_handle link,
                           endpoint_handle endpoint);
/// Receives other nodes' messages for the local services.
endpoint_handle spawn_endpoint(caf::actor_system& system, service_registry& registry);
/// Connects the broker's threads with the partitions' actors.
bus_handle spawn_bus(caf::actor_system& system, service_registry& registry);

/// For actors that other nodes can send to: unexpected messages and errors are ignored. CAF's
/// default is to print and answer unexpected messages, and to end the actor on an error.
void ignore_unexpected_messages(caf::scheduled_actor* self);

/// This node's current state.
node_state state_of(const service_registry& registry);
/// The same with the actors of this node, for another node.
wire_state wire_state_of(const service_registry& registry, const link_handle& link,
                         const endpoint_handle& endpoint);

/// Registers the wire messages and the middleman with the configuration.
void configure_cluster(caf::actor_system_config& config, const service_registry& registry);
/// CAF's actor for the connections to other nodes. The first call must precede those of other
/// threads.
caf::actor broker_of(caf::actor_system& system);

}  // namespace stoa::kernel
