#pragma once
// A gate between a client and a server: passes TCP connections on until it is told to cut, reset,
// delay or hold them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::test {

/// Where a gate is, of two networks that both sides of it may be in.
struct tcp_proxy_place {
  std::string address = "127.0.0.1";  ///< where it listens, in the network of whoever makes it
  /// Called in the gate's thread before all else: it may go to the server's network (net_space).
  std::function<void()> enter{};
};

/// Listens on a free port in a thread of its own. All functions may be called from any
/// thread; each holds for connections that are open and for those to come.
class tcp_proxy {
 public:
  /// Passes on to that port of 127.0.0.1.
  explicit tcp_proxy(std::uint16_t server_port, const tcp_proxy_place& place = {});
  ~tcp_proxy();
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  std::uint16_t port() const;

  /// New connections lead to that port instead, as an address that moves to another machine does.
  void lead_to(std::uint16_t server_port);
  /// Closes all connections; new ones are accepted.
  void cut();
  /// Ends all connections with RST, as a machine that was restarted does.
  void reset();
  /// From now on connections are refused (closed as soon as they are made), or no more.
  void refuse(bool on);
  /// Each piece of data, in both directions, arrives this much later.
  void delay(std::chrono::milliseconds by);
  /// Nothing passes any more, in silence, as behind a cable that was pulled. What the peers send
  /// waits in their sockets.
  void hold();
  /// Only what the server says is held: it receives, and works, and is not heard.
  void hold_answers();
  /// What was held arrives, and refuse() ends.
  void resume();
  /// Watches what clients send: called in the gate's thread with each piece before it is passed on,
  /// until it returns true; from then on answers are held, and the piece is passed on still. Words
  /// of the protocol, as COMMIT, can so be caught.
  void hold_answers_after(std::function<bool(std::string_view sent)> seen);

  /// Connections open now, and how many there have been.
  std::size_t open_connections() const;
  std::size_t accepted() const;
  /// Turns from the client to the server: pieces sent after an answer, over all connections. What
  /// is sent without waiting counts as one.
  std::size_t round_trips() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::test
