#pragma once
// Events over NATS JetStream, for nodes that share a broker (setting events.bus).
//
// One stream holds all events; each service that runs somewhere has one durable pull consumer for
// every type it subscribes to, shared by all instances of the service. Publishing never waits: what
// the broker does not take is counted and forgotten, as the relay publishes it again.

#include "actors/kernel/bus.hpp"
#include "net/nats/signing.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Registry;
}
namespace stoa {
struct settings;
}

namespace stoa::nats {

struct nats_options {
  std::vector<std::string> urls;  ///< nats:// or tls://; tried in turn
  std::string credentials_file;   ///< empty: none
  std::string stream = "stoa";    ///< its name, and the first word of all subjects
  std::int64_t replicas = 1;
  seconds max_age{86'400};                ///< how long the stream keeps events for third parties
  std::string client_name;                ///< in the broker's monitoring
  std::shared_ptr<signing_ring> signing;  ///< keys of events and verdicts
  std::string cluster;                    ///< bound into the signatures
  /// Which service emits which type of event: type -> service.
  std::map<std::string, std::string> producers;
  prometheus::Registry* registry = nullptr;  ///< null: no metrics

  /// The broker discards a repeated event id for this long. Relays wait for it before they publish
  /// again, so it is part of the time that events of a lost node wait.
  microseconds duplicate_window = seconds{1};
  /// An event that is not settled for this long is delivered again.
  microseconds ack_wait = seconds{10};
  /// Older copies are dropped, by the broker's time of storing and by the producer's time of
  /// sending: the relay publishes what is still wanted again, and subscribers remember an applied
  /// event only for a limited time.
  microseconds copy_age_max = seconds{60};
  /// Events waiting for the broker, and those sent but not confirmed by it; beyond it publish()
  /// drops.
  std::size_t queue_max = 8192;
  std::size_t in_flight_max = 4096;
  /// Without any confirmation for this long, what was sent counts as lost.
  microseconds confirm_wait = seconds{5};
  /// Events of one consumer that are here and not settled, or asked for; and the most asked for at
  /// once.
  std::size_t window = 512;
  std::size_t fetch_max = 256;
  /// Unsettled events of one consumer in the whole cluster.
  std::int64_t ack_pending_max = 4096;
  /// A consumer that answers no request for so long is made anew: there are brokers, 2.9.10 one of
  /// them, whose consumer never answers if it was made while the stream was being made (its queue
  /// for what goes out was not there yet).
  microseconds consumer_silence_max = seconds{6};
  microseconds connect_timeout = seconds{2};
  microseconds retry_min = milliseconds{100};  ///< between attempts to connect, doubled up to
  microseconds retry_max = seconds{2};
  microseconds check_interval = seconds{5};  ///< of the stream and the consumers
  microseconds drain_max = seconds{2};       ///< for what is under way when stop() is called
};

/// The settings nats.*, with the producers of all services' events. `server_secret`: for the
/// signing key, when no key file is set. Errors: those of read_signing_keys().
result<nats_options> nats_options_of(const settings& s, std::string_view server_secret);

/// A bus over JetStream. It connects from start() on, and again for ever when the connection is
/// lost; the stream and the consumers are made when they are missing, at any time. start() throws
/// std::invalid_argument for a subscription to a type of unknown producer.
std::unique_ptr<kernel::event_bus> make_nats_bus(nats_options options);

}  // namespace stoa::nats
