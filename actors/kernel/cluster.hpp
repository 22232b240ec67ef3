#pragma once
// The actors that join nodes. For actors/kernel/*.cpp only.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/service_registry.hpp"
#include "actors/kernel/wire.hpp"

namespace stoa::kernel {

struct peer_credentials;

/// What the dialer has found at an address.
struct welcome_box {
  wire_state content;
};

/// An event that the broker delivers to a service of this node.
struct bus_event {
  std::string subscriber;
  published what;
  std::function<void(bool)> settle;
};

/// What a subscriber on another node has said.
verdict_box unpacked(const wire_verdicts& from);
verdict_box unpacked(const wire_event_verdicts& from);

/// Exchanges heartbeats, partition owners and lost nodes with other nodes' links.
caf::behavior link_actor(caf::event_based_actor* self, service_registry& registry,
                         caf::actor endpoint);
/// Looks for the peers' addresses and calls those that are not connected. Waits for the network.
caf::behavior dialer_actor(caf::event_based_actor* self, service_registry& registry,
                           const peer_credentials& with, caf::actor link, caf::actor endpoint);
/// Takes other nodes' messages for the services here.
caf::behavior endpoint_actor(caf::event_based_actor* self, service_registry& registry);
/// Between the broker's threads and the partitions' actors.
caf::behavior bus_actor(caf::event_based_actor* self, service_registry& registry);

/// For actors that other nodes can send to: what they have no handler for is ignored. By itself CAF
/// prints it, answers with an error, and ends an actor that gets one.
void face_other_nodes(caf::event_based_actor* self);

/// This node as it is now.
node_state state_of(const service_registry& registry);

/// Registers the wire messages and the middleman with the configuration.
void configure_cluster(caf::actor_system_config& config, const service_registry& registry);
/// CAF's actor that speaks to other nodes. Called first before other threads call it.
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
