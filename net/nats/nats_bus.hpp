#pragma once
// Events over NATS JetStream, for nodes that share a broker (setting events.bus).
//
// One stream holds all events. Each service that runs somewhere has one durable pull consumer per
// event type it subscribes to, shared by all instances of the service. Publishing never blocks: an
// event that the broker does not accept is counted and dropped, because the relay publishes it
// again.

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
  std::string stream = "stoa";    ///< its name, and the first token of all subjects
  std::int64_t replicas = 1;
  seconds max_age{86'400};                ///< retention of the stream, for third parties
  std::string client_name;                ///< shown in the broker's monitoring
  std::shared_ptr<signing_ring> signing;  ///< keys for events and verdicts
  std::string cluster;                    ///< included in the signatures
  /// The service that publishes each event type.
  std::map<std::string, std::string> producers;
  prometheus::Registry* registry = nullptr;  ///< null: no metrics

  /// The broker discards repeated event ids for this long. Relays wait for it before they publish
  /// an event again, so it adds to the delay of a lost node's events.
  microseconds duplicate_window = seconds{1};
  /// An event that is not settled for this long is redelivered.
  microseconds ack_wait = seconds{10};
  /// Copies older than this, by the broker's and by the producer's timestamp, are dropped: the
  /// relay publishes undelivered events again, and subscribers remember applied events for a
  /// limited time only.
  microseconds copy_age_max = seconds{60};
  /// Maximum number of events queued for the broker, and of events sent but not confirmed.
  /// publish() drops events when the queue is full.
  std::size_t queue_max = 8192;
  std::size_t in_flight_max = 4096;
  /// Sent events count as lost after this long without any confirmation.
  microseconds confirm_wait = seconds{5};
  /// Maximum number of events per consumer that are received but not settled, or requested; and the
  /// maximum per request.
  std::size_t window = 512;
  std::size_t fetch_max = 256;
  /// Maximum number of unsettled events per consumer in the whole cluster.
  std::int64_t ack_pending_max = 4096;
  /// A consumer that does not respond for this long is recreated. Some brokers, 2.9.10 among them,
  /// have consumers that never respond if they were created together with the stream (before its
  /// send queue existed).
  microseconds consumer_silence_max = seconds{6};
  microseconds connect_timeout = seconds{2};
  microseconds retry_min = milliseconds{100};  ///< between connection attempts, doubled up to
  microseconds retry_max = seconds{2};
  microseconds check_interval = seconds{5};  ///< of the stream and the consumers
  microseconds drain_max = seconds{2};       ///< limit for stop() to finish pending work
};

/// Options from the settings nats.*, with the producers of all services' events. `server_secret`:
/// for the signing key if no key file is set. Errors: those of read_signing_keys().
result<nats_options> nats_options_of(const settings& s, std::string_view server_secret);

/// A bus over JetStream. start() connects; a lost connection is re-established indefinitely, and a
/// missing stream or consumer is created at any time. start() throws std::invalid_argument for a
/// subscription to a type without a known producer.
std::unique_ptr<kernel::event_bus> make_nats_bus(nats_options options);

}  // namespace stoa::nats
