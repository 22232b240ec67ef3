#pragma once
// The bus' metrics, in Prometheus' names.

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::nats {

/// What became of one thing that the bus handled.
enum class bus_count {
  published,          ///< confirmed by the broker
  duplicate,          ///< confirmed, but the broker had it already
  publish_error,      ///< refused by the broker, or lost on the way
  dropped,            ///< not sent: too much was waiting
  connected,          ///< connections made, the first included
  connection_failed,  ///< attempts to connect that failed
  consumer_replaced   ///< consumers made anew, as they did not answer
};
enum class delivery_count {
  consumed,
  redelivered,  ///< of those, delivered before
  malformed,    ///< not an event of ours: refused for good
  expired       ///< too old a copy
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
  /// An event or a message of verdicts that was not accepted.
  void rejected(bool event, const std::string& reason);
  void ready(bool yes);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::nats
