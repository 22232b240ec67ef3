#pragma once
// How events get from a partition's relay to the subscribing services on other nodes, when a broker
// carries them. The broker is transport, never the record: the outbox row stays until every
// subscriber has committed the event, and the relay publishes again what is not acknowledged.

#include "actors/kernel/message.hpp"
#include "actors/kernel/outbox_run.hpp"

#include <functional>
#include <map>
#include <vector>

namespace stoa::kernel {

/// An event with what its subscribers need to forget it again (relay_core.hpp).
struct published {
  event_ptr what;  ///< source and partition say whose outbox it stands in
  std::int64_t low_water = 0;
  run_ptr from = nullptr;
};

/// What one subscriber says of one event.
struct bus_verdict {
  std::string subscriber;
  std::string source;  ///< the producing service
  std::int64_t partition = 0;
  std::int64_t seq = 0;
  std::optional<problem> refused;
  std::optional<stoa::event_id> event_id = std::nullopt;  ///< nothing: not told
};

/// A broker's connection. Thread-safe. Publishing and acknowledging may fail in silence (the broker
/// is away): the relay publishes again when it is back, or after its answer timeout.
class event_bus {
 public:
  /// Called for an event that the subscriber is to apply, from any thread. `settle` is to be called
  /// once: true when the event is durable there, false to get it again.
  using on_event = std::function<void(const std::string& subscriber, published what,
                                      std::function<void(bool applied)> settle)>;
  /// Called for a verdict on an event of a partition listened for, from any thread.
  using on_verdict = std::function<void(bus_verdict)>;
  /// Called when the broker is there, at first and after it was away or has lost what it kept, from
  /// any thread: what was published or told before may be lost.
  using on_back = std::function<void()>;

  virtual ~event_bus() = default;
  /// Consumes events for the services that run here: service -> types of events. Once.
  virtual void start(std::map<std::string, std::vector<std::string>> subscriptions,
                     on_event deliver, on_verdict verdict, on_back back) = 0;
  virtual void publish(const published& what) = 0;
  /// Tells the partition's relay, wherever it runs.
  virtual void tell(const bus_verdict& v) = 0;
  /// Whether the broker is connected, for /readyz and the metrics.
  virtual bool connected() const = 0;
  /// What is published again sooner than this may be taken for a duplicate and go nowhere.
  virtual microseconds duplicate_window() const = 0;
  virtual void stop() = 0;
};

}  // namespace stoa::kernel
