#pragma once
// A proxy between a client and a server that forwards TCP connections and can cut, reset, delay or
// hold them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::test {

/// Where a proxy runs, when its two sides are in different networks.
struct tcp_proxy_place {
  std::string address = "127.0.0.1";  ///< where it listens, in the network of the caller
  /// Called first in the proxy's thread: it may enter the server's network (net_space).
  std::function<void()> enter{};
};

/// Listens on a free port in a separate thread. All functions may be called from any thread and
/// apply to open and future connections.
class tcp_proxy {
 public:
  /// Forwards to that port of 127.0.0.1.
  explicit tcp_proxy(std::uint16_t server_port, const tcp_proxy_place& place = {});
  ~tcp_proxy();
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  std::uint16_t port() const;

  /// Sends new connections to that port instead, as an address that moves to another machine does.
  void lead_to(std::uint16_t server_port);
  /// Closes all connections; new ones are accepted.
  void cut();
  /// Ends all connections with RST, as a machine that was restarted does.
  void reset();
  /// Rejects connections from now on (closes them after accepting), or stops doing so.
  void refuse(bool on);
  /// Delays each piece of data, in both directions.
  void delay(std::chrono::milliseconds by);
  /// Silently stops forwarding, as behind a disconnected cable. Data from the peers waits in their
  /// sockets.
  void hold();
  /// Holds only what the server sends: it receives and works, but its answers do not arrive.
  void hold_answers();
  /// Forwards what was held and ends refuse().
  void resume();
  /// Watches what clients send: called in the proxy's thread with each piece before it is
  /// forwarded, until it returns true; from then on answers are held, and the piece is still
  /// forwarded. Finds protocol words such as COMMIT.
  void hold_answers_after(std::function<bool(std::string_view sent)> seen);

  /// Connections open now, and the total so far.
  std::size_t open_connections() const;
  std::size_t accepted() const;
  /// Changes of direction from the client to the server: pieces sent after an answer, over all
  /// connections. Pieces sent without waiting count as one.
  std::size_t round_trips() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::test
