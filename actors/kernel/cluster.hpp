#pragma once
// The actors that connect nodes. For actors/kernel/*.cpp only.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/service_registry.hpp"
#include "actors/kernel/wire.hpp"

namespace stoa::kernel {

struct peer_credentials;

/// A peer's reply to the dialer.
struct welcome_box {
  wire_state content;
};

/// An event that the broker delivers to a service of this node.
struct bus_event {
  std::string subscriber;
  published what;
  std::function<void(bool)> settle;
};

/// Decodes the verdicts of a subscriber on another node.
verdict_box unpacked(const wire_verdicts& from);
verdict_box unpacked(const wire_event_verdicts& from);

/// Exchanges heartbeats with other nodes' links: which node owns which partition, which nodes are
/// dead.
caf::behavior link_actor(caf::event_based_actor* self, service_registry& registry,
                         caf::actor endpoint);
/// Resolves the peers' addresses and connects to those that are not connected. Blocks on the
/// network.
caf::behavior dialer_actor(caf::event_based_actor* self, service_registry& registry,
                           const peer_credentials& with, caf::actor link, caf::actor endpoint);
/// Receives other nodes' messages for the local services.
caf::behavior endpoint_actor(caf::event_based_actor* self, service_registry& registry);
/// Connects the broker's threads with the partitions' actors.
caf::behavior bus_actor(caf::event_based_actor* self, service_registry& registry);

/// For actors that other nodes can send to: unexpected messages and errors are ignored. CAF's
/// default is to print and answer unexpected messages, and to end the actor on an error.
void ignore_unexpected_messages(caf::event_based_actor* self);

/// This node's current state.
node_state state_of(const service_registry& registry);

/// Registers the wire messages and the middleman with the configuration.
void configure_cluster(caf::actor_system_config& config, const service_registry& registry);
/// CAF's actor for the connections to other nodes. The first call must precede those of other
/// threads.
caf::actor broker_of(caf::actor_system& system);

}  // namespace stoa::kernel

CAF_BEGIN_TYPE_ID_BLOCK(stoa_cluster, caf::first_custom_type_id + 200)
CAF_ADD_TYPE_ID(stoa_cluster, (stoa::kernel::welcome_box))
CAF_ADD_TYPE_ID(stoa_cluster, (stoa::kernel::bus_event))
CAF_ADD_TYPE_ID(stoa_cluster, (stoa::kernel::bus_verdict))
CAF_END_TYPE_ID_BLOCK(stoa_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::welcome_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::bus_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::bus_verdict)
