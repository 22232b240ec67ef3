#pragma once
// The kernel's Prometheus metrics.

#include "actors/kernel/writer_core.hpp"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::kernel {

/// Batch sizes and commit times, outbox lag, mailbox depth, events and dead letters, by service.
/// Thread-safe. Does nothing without a registry.
class kernel_metrics {
 public:
  explicit kernel_metrics(prometheus::Registry* registry);
  ~kernel_metrics();
  kernel_metrics(const kernel_metrics&) = delete;
  kernel_metrics& operator=(const kernel_metrics&) = delete;

  void batch(const std::string& service, const batch_report& report);
  void cleaned_up(const std::string& service, const cleanup_slice& slice);
  void gauges(const std::string& service, std::int64_t mailbox, std::int64_t in_flight,
              std::int64_t expensive_in_flight);
  void relay(const std::string& service, std::size_t held, microseconds lag);
  void event_refused(const std::string& subscriber, const std::string& type);
  void dead_letter(const std::string& subscriber, const std::string& type);
  void restarted(const std::string& actor);
  void overloaded(const std::string& service);
  /// A connection to the cluster port, by result.
  void peer_connection(const std::string& result);
  /// Open connections to the cluster port: from authenticated nodes, and from peers still in the
  /// handshake.
  void peers(std::size_t established, std::size_t half_open);
  /// An event was dropped because its producer's database has been replaced.
  void foreign_event(const std::string& subscriber, const std::string& producer);
  /// By how much the other node's clock is ahead of this node's; empty: the node has left.
  void clock_skew(const std::string& node, std::optional<microseconds> ahead);
  /// By how much this node's clock is ahead of the service's database clock.
  void database_clock_skew(const std::string& service, microseconds ahead);
  void query_stopped(const std::string& service);
  /// The service's database has lost its data: the loss is accepted, or it waits for a restore.
  void data_lost(const std::string& service, bool given_up);
  /// Whether the service's replica is in use, and its lag.
  void replica(const std::string& service, bool in_use, microseconds lag);
  /// A query that a replica may answer, and whether it did.
  void replica_read(const std::string& service, bool by_replica);
  /// An answer sent before all services had applied the event.
  void not_applied(const std::string& service);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::kernel
