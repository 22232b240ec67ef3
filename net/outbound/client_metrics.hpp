#pragma once
// Prometheus metrics of an outbound client.

#include "net/outbound/http_client.hpp"

namespace stoa::outbound {

/// Thread-safe. Does nothing without a registry.
class client_metrics {
 public:
  client_metrics(prometheus::Registry* registry, const std::string& client);
  ~client_metrics();
  client_metrics(const client_metrics&) = delete;
  client_metrics& operator=(const client_metrics&) = delete;

  /// A request has ended. `duration`: since submit().
  void ended(outcome how, std::chrono::nanoseconds duration);
  void connections_opened(long count);
  void load(std::size_t in_flight, std::size_t queued);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::outbound
