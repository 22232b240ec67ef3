#pragma once
// Metrics and throttled log lines about connections between nodes. For actors/kernel/*.cpp only.

#include "actors/kernel/metrics.hpp"
#include "actors/kernel/refusal.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace stoa::kernel {

/// The result of an incoming connection: the label `result` of stoa_cluster_connections_total.
enum class peer_result {
  accepted,   ///< the peer is a node
  closed,     ///< by the peer, during the handshake
  timed_out,  ///< handshake not finished within cluster.handshake_timeout_ms
  evicted,    ///< the oldest of cluster.handshakes_max connections in the handshake
  rejected,   ///< no valid certificate, or another secret
  malformed,  ///< invalid messages
  limited,    ///< beyond cluster.connections_max
};

/// Thread-safe.
class peer_journal {
 public:
  /// The metrics outlive this.
  explicit peer_journal(kernel_metrics& metrics) : metrics_(metrics) {}

  /// Records the result of an incoming connection. `reason`: one of few texts. `address`: the
  /// peer's.
  void note(peer_result r, const std::string& reason, const std::string& address);
  /// An outgoing connection, or one between authenticated nodes, has been closed.
  void broken(const std::string& reason, const std::string& address);
  void gauges(std::size_t established, std::size_t half_open) {
    metrics_.peers(established, half_open);
  }

 private:
  kernel_metrics& metrics_;
  std::mutex mutex_;
  log_throttle throttle_;
};

class peer_scribe;

/// The state of a connection, for the metrics.
struct peer_progress {
  std::atomic<bool> proven{false};
  std::atomic<bool> closed{false};
  std::atomic<bool> unwanted{false};  ///< to be closed as soon as CAF has received it
  /// For the multiplexer's thread only; null before CAF has received it and after its end.
  peer_scribe* scribe = nullptr;
};

}  // namespace stoa::kernel
