#pragma once
// What becomes of connections between nodes: for metrics, and for the log at a bounded rate. For
// actors/kernel/*.cpp only.

#include "actors/kernel/metrics.hpp"
#include "actors/kernel/refusal.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace stoa::kernel {

/// How a connection that another node, or something else, has opened ended up: the label `result`
/// of stoa_cluster_connections_total.
enum class peer_result {
  accepted,   ///< the other side is a node
  closed,     ///< by the other side, before that was known
  timed_out,  ///< not known to be a node within cluster.handshake_timeout_ms
  evicted,    ///< the oldest of cluster.handshakes_max that were not known to be nodes
  rejected,   ///< no valid certificate, or another secret
  malformed,  ///< sent what no node sends
  limited,    ///< beyond cluster.connections_max
};

/// Thread-safe.
class peer_journal {
 public:
  /// The metrics outlive this.
  explicit peer_journal(kernel_metrics& metrics) : metrics_(metrics) {}

  /// `reason`: a constant, or one of few texts. `address`: of the other side.
  void note(peer_result r, const std::string& reason, const std::string& address);
  /// A connection that this node has opened, or one between nodes that know each other, has been
  /// closed for that reason.
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
  std::atomic<bool> unwanted{false};  ///< to be closed as soon as CAF has it
  /// For the multiplexer's thread only; null before CAF has it, and after its end.
  peer_scribe* scribe = nullptr;
};

}  // namespace stoa::kernel
