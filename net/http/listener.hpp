#pragma once
// The listening socket of a server. Internal to net/http.

#include "net/http/io_worker.hpp"
#include "net/http/tls_stream.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace stoa::http {

/// Distributes connections round-robin to the IO workers. Everything except open() runs on the
/// first IO worker's thread.
class listener {
 public:
  listener(server_state& state, const std::vector<std::shared_ptr<io_worker>>& io_workers);

  /// Listens; returns the port. Problem 500 `listen_failed`. Call before the IO workers run.
  result<std::uint16_t> open();
  /// Accepts the connections in the backlog and closes the socket.
  void close();
  /// At each tick of the first IO worker: resumes accepting after a lack of memory has ended it.
  void revive();

 private:
  using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

  void accept_next();
  void pause();
  void on_accept(io_worker& home, boost::system::error_code error, tcp_socket socket);
  void take(io_worker& home, tcp_socket socket, const asio::ip::tcp::endpoint& peer);
  void accept_pending(std::size_t most);
  io_worker& next_io_worker() { return *io_workers_[next_io_worker_++ % io_workers_.size()]; }

  server_state& state_;
  const std::vector<std::shared_ptr<io_worker>>& io_workers_;
  acceptor acceptor_;
  asio::steady_timer timer_;
  asio::ip::tcp::endpoint peer_;  ///< of the connection being accepted
  /// Held by the pending accept or pause: Asio drops it without a call when it has no memory for
  /// the connection.
  std::shared_ptr<int> waiting_ = std::make_shared<int>();
  std::size_t next_io_worker_ = 0;
};

}  // namespace stoa::http
