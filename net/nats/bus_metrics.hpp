#pragma once
// Prometheus metrics of the event bus.

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::nats {

/// Outcomes counted by the bus.
enum class bus_count {
  published,          ///< confirmed by the broker
  duplicate,          ///< confirmed, but the broker had it already
  publish_error,      ///< rejected by the broker, or lost in transit
  dropped,            ///< not sent: the queue was full
  connected,          ///< established connections, including the first
  connection_failed,  ///< failed connection attempts
  consumer_replaced   ///< unresponsive consumers that were recreated
};
enum class delivery_count {
  consumed,
  redelivered,  ///< redeliveries, also counted as consumed
  malformed,    ///< not a valid event; rejected permanently
  expired       ///< too old
};

/// Thread-safe. Does nothing without a registry.
class bus_metrics {
 public:
  explicit bus_metrics(prometheus::Registry* registry);
  ~bus_metrics();
  bus_metrics(const bus_metrics&) = delete;
  bus_metrics& operator=(const bus_metrics&) = delete;

  void count(bus_count what, std::size_t n = 1);
  void count(delivery_count what, const std::string& service);
  /// Counts a rejected event or verdict message.
  void rejected(bool event, const std::string& reason);
  void ready(bool yes);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::nats
