// Configures CAF for the cluster.

#include "actors/kernel/cluster.hpp"

#include "config/log.hpp"

#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

namespace stoa::kernel {

namespace {

/// CAF's own broker keeps an actor for each node that it has ever seen and queries that node's
/// spawn server. Remote spawning is not used.
class peer_broker final : public caf::io::basp_broker {
 public:
  using caf::io::basp_broker::basp_broker;
  void learned_new_node_directly(const caf::node_id& /*node*/, bool /*was_indirect*/) override {}
  void learned_new_node_indirectly(const caf::node_id& /*node*/) override {}
};

}  // namespace

void configure_cluster(caf::actor_system_config& config, const service_registry& registry) {
  const auto& o = registry.options.cluster;
  config.add_message_type<wire_watch>("stoa.watch");
  config.add_message_type<wire_request>("stoa.request");
  config.add_message_type<wire_requests>("stoa.requests");
  config.add_message_type<wire_replay>("stoa.replay");
  config.add_message_type<wire_answer>("stoa.answer");
  config.add_message_type<wire_answers>("stoa.answers");
  config.add_message_type<wire_delivery>("stoa.delivery");
  config.add_message_type<wire_deliveries>("stoa.deliveries");
  config.add_message_type<wire_verdict>("stoa.verdict");
  config.add_message_type<wire_verdicts>("stoa.verdicts");
  config.add_message_type<wire_event_verdict>("stoa.event_verdict");
  config.add_message_type<wire_event_verdicts>("stoa.event_verdicts");
  config.add_message_type<wire_state>("stoa.state");
  config.add_message_type<wire_hello>("stoa.hello");
  config.add_message_type<wire_welcome>("stoa.welcome");
  config.load<caf::io::middleman>();
  // Rejects peers with another protocol version in CAF's handshake.
  config.set("middleman.app-identifiers",
             std::vector<std::string>{"stoa/" + std::to_string(wire_protocol)});
  // Messages are small: deserializing them in the receiving thread is cheaper than a thread switch.
  config.set("middleman.workers", std::size_t{0});
  config.set("middleman.heartbeat-interval", caf::timespan{o.heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{o.dead_after});
}

void ignore_unexpected_messages(caf::scheduled_actor* self) {
  self->set_default_handler(
      [](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
        return caf::delegated<caf::message>{};  // No answer.
      });
  self->set_error_handler([](caf::scheduled_actor* me, caf::error& e) {
    log::warn("actor received an error message", {{"error", me->system().render(e)}});
  });
}

caf::actor broker_of(caf::actor_system& system) {
  return system.middleman().named_broker<peer_broker>(caf::atom("stoa"));
}

}  // namespace stoa::kernel
