#pragma once
// The cluster port. Connections are accepted and authenticated in a separate thread; only
// authenticated ones are passed to CAF. For actors/kernel/*.cpp only.

#include "actors/kernel/peer_handshake.hpp"
#include "actors/kernel/peer_journal.hpp"
#include "actors/kernel/service_registry.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <list>
#include <thread>

namespace stoa::kernel {

/// A connection is half-open during the handshake: from accept, over the TLS handshake and the
/// proof of the secret, to the first message of a node, within cluster.handshake_timeout_ms. When
/// cluster.handshakes_max connections are half-open, a new one evicts the oldest; when a quarter of
/// that number come from one address, the oldest from that address. So a flood of connections does
/// not lock out nodes, whose handshakes take a few milliseconds.
class peer_listener {
 public:
  /// The system, registry and credentials outlive this. `link`: the actor published to nodes.
  peer_listener(caf::actor_system& system, service_registry& registry, const peer_credentials& with,
                link_handle link);
  /// Closes the port and the half-open connections; those passed to CAF stay open.
  ~peer_listener();
  peer_listener(const peer_listener&) = delete;
  peer_listener& operator=(const peer_listener&) = delete;

  /// Listens on cluster.listen and returns the port. Problem `unavailable` on failure, or when
  /// other machines could connect and there are no credentials.
  result<std::uint16_t> open();

 private:
  using clock = std::chrono::steady_clock;

  struct connection {
    std::unique_ptr<peer_handshake> handshake;  ///< null: passed to CAF
    std::shared_ptr<peer_progress> progress;    ///< null: not passed to CAF yet
    std::string address;
    std::uint16_t port = 0;
    clock::time_point since;
    short waits_for = 0;  ///< events for poll(2)
  };
  using place = std::list<connection>::iterator;

  void run();
  int wait_limit(clock::time_point now) const;
  void accept_all(clock::time_point now);
  void accept_one(peer_socket socket, clock::time_point now);
  void make_room(const std::string& address);
  place evict(place which, peer_result why, const std::string& reason);
  void advance(place which);
  void hand_over(connection& c);
  void sweep(clock::time_point now);

  caf::actor_system& system_;
  service_registry& registry_;
  const peer_credentials& with_;
  link_handle link_;
  std::shared_ptr<peer_journal> journal_;
  peer_socket listening_;
  peer_socket wake_;  ///< an eventfd
  std::uint16_t port_ = 0;
  std::list<connection> half_open_;  ///< oldest first
  std::vector<std::shared_ptr<peer_progress>> established_;
  std::vector<std::shared_ptr<peer_progress>> closing_;  ///< evicted, but not closed by CAF yet
  clock::time_point paused_until_{};                     ///< out of descriptors until then
  std::atomic<bool> stopping_{false};
  std::jthread thread_;
};

}  // namespace stoa::kernel
