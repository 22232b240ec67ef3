#pragma once
// The port for other nodes. Connections are accepted and authenticated in a thread of its own; CAF
// gets only those that have passed. For actors/kernel/*.cpp only.

#include "actors/kernel/peer_handshake.hpp"
#include "actors/kernel/peer_journal.hpp"
#include "actors/kernel/service_registry.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <list>
#include <thread>

namespace stoa::kernel {

/// Half-open is a connection until its peer has proved to be a node: from being accepted, over the
/// TLS handshake and the proof of the secret, to the first message of this program. It has
/// cluster.handshake_timeout_ms for all of that. Of cluster.handshakes_max half-open connections
/// the oldest gives way to the next, and of a quarter of them from one address the oldest of that
/// address: so a flood of connections does not keep nodes out, which need a few milliseconds.
class peer_listener {
 public:
  /// The system, directory and credentials outlive this. `link`: what connected nodes speak to.
  peer_listener(caf::actor_system& system, service_registry& registry, const peer_credentials& with,
                caf::actor link);
  /// Closes the port and all that is half-open; what CAF has got stays with CAF.
  ~peer_listener();
  peer_listener(const peer_listener&) = delete;
  peer_listener& operator=(const peer_listener&) = delete;

  /// Listens at cluster.listen; the port. Problem `unavailable` when it cannot, or when others than
  /// this machine could connect and there are no credentials.
  result<std::uint16_t> open();

 private:
  using clock = std::chrono::steady_clock;

  struct connection {
    std::unique_ptr<peer_handshake> handshake;  ///< null: CAF has it
    std::shared_ptr<peer_progress> progress;    ///< null: CAF has not got it yet
    std::string address;
    std::uint16_t port = 0;
    clock::time_point since;
    short waits_for = 0;  ///< as of poll(2)
  };
  using place = std::list<connection>::iterator;

  void run();
  int wait_limit(clock::time_point now) const;
  void accept_all(clock::time_point now);
  void accept_one(peer_socket socket, clock::time_point now);
  void make_room(const std::string& address);
  place evict(place which, peer_result why, const std::string& reason);
  void go_on(place which);
  void hand_over(connection& c);
  void sweep(clock::time_point now);

  caf::actor_system& system_;
  service_registry& registry_;
  const peer_credentials& with_;
  caf::actor link_;
  std::shared_ptr<peer_journal> journal_;
  peer_socket listening_;
  peer_socket wake_;  ///< an eventfd
  std::uint16_t port_ = 0;
  std::list<connection> half_open_;  ///< the oldest first
  std::vector<std::shared_ptr<peer_progress>> established_;
  std::vector<std::shared_ptr<peer_progress>> closing_;  ///< given up, which CAF has still got
  clock::time_point paused_until_{};                     ///< no descriptor was left
  std::atomic<bool> stopping_{false};
  std::jthread thread_;
};

}  // namespace stoa::kernel
