#pragma once
// Carries events from a partition's relay to the subscribing services on other nodes over a broker.
// The broker is only transport: the outbox row stays until every subscriber has committed the
// event, and the relay publishes unacknowledged events again.

#include "actors/kernel/message.hpp"
#include "actors/kernel/outbox_run.hpp"

#include <functional>
#include <map>
#include <vector>

namespace stoa::kernel {

/// An event with the low-water mark by which subscribers prune their inboxes (relay_core.hpp).
struct published {
  event_ptr what;  ///< source and partition identify its outbox
  std::int64_t low_water = 0;
  run_ptr from = nullptr;
};

/// One subscriber's verdict on one event.
struct bus_verdict {
  std::string subscriber;
  std::string source;  ///< the producing service
  std::int64_t partition = 0;
  std::int64_t seq = 0;
  std::optional<problem> refused;
  std::optional<stoa::event_id> event_id = std::nullopt;  ///< empty: not sent
};

/// A connection to a broker. Thread-safe. Publishing and acknowledging may fail silently while the
/// broker is unreachable: the relay publishes again on reconnection, or after its answer timeout.
class event_bus {
 public:
  /// Called for an event to apply, from any thread. Call `settle` once: true when the subscriber
  /// has committed the event, false to have it redelivered.
  using on_event = std::function<void(const std::string& subscriber, published what,
                                      std::function<void(bool applied)> settle)>;
  /// Called for a verdict on an event of a subscribed partition, from any thread.
  using on_verdict = std::function<void(bus_verdict)>;
  /// Called from any thread when the broker is connected, initially and after an outage or the loss
  /// of its data: earlier events and verdicts may be lost.
  using on_back = std::function<void()>;

  virtual ~event_bus() = default;
  /// Consumes events for the local services: service -> types of events. Call it once.
  virtual void start(std::map<std::string, std::vector<std::string>> subscriptions,
                     on_event deliver, on_verdict verdict, on_back back) = 0;
  virtual void publish(const published& what) = 0;
  /// Sends a verdict to the partition's relay on any node.
  virtual void tell(const bus_verdict& v) = 0;
  /// Whether the broker is connected, for /readyz and the metrics.
  virtual bool connected() const = 0;
  /// An event published again within this time may be dropped as a duplicate.
  virtual microseconds duplicate_window() const = 0;
  virtual void stop() = 0;
};

}  // namespace stoa::kernel
