#include "net/http/listener.hpp"

#include "net/http/connection.hpp"

#include <exception>
#include <limits>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds accept_pause{100};
constexpr std::size_t accepted_at_once_max = 64;

problem listen_failed(const server_config& config, const std::string& why) {
  return {500,
          "listen_failed",
          "Cannot listen on " + config.address + " port " + std::to_string(config.port) + ": " +
              why + ".",
          {}};
}

ip_address to_ip_address(const asio::ip::address& a) {
  return a.is_v4() ? ip_address::v4(a.to_v4().to_bytes().data())
                   : ip_address::v6(a.to_v6().to_bytes().data());
}

/// Counts a connection as open until the IO worker has added it.
class open_count {
 public:
  explicit open_count(std::atomic<std::size_t>& count) : count_(&count) {}
  open_count(open_count&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  open_count(const open_count&) = delete;
  open_count& operator=(open_count&&) = delete;
  open_count& operator=(const open_count&) = delete;
  ~open_count() {
    if (count_ != nullptr) count_->fetch_sub(1);
  }
  void keep() { count_ = nullptr; }

 private:
  std::atomic<std::size_t>* count_;
};

}  // namespace

listener::listener(server_state& state, const std::vector<std::shared_ptr<io_worker>>& io_workers)
    : state_(state),
      io_workers_(io_workers),
      acceptor_(io_workers.front()->io()),
      timer_(io_workers.front()->io()) {}

result<std::uint16_t> listener::open() {
  const auto& config = state_.config;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(config.address, error);
  if (error) return listen_failed(config, "not a valid IPv4 or IPv6 address");
  const asio::ip::tcp::endpoint endpoint(address, config.port);
  // SO_REUSEADDR allows a restart while old connections are in TIME_WAIT; it does not allow two
  // servers to share a port.
  if (acceptor_.open(endpoint.protocol(), error) ||
      acceptor_.set_option(asio::socket_base::reuse_address(true), error) ||
      acceptor_.bind(endpoint, error) ||
      acceptor_.listen(asio::socket_base::max_listen_connections, error)) {
    return listen_failed(config, error.message());
  }
  acceptor_.non_blocking(true, error);
  accept_next();
  return {boost::system::in_place_value, acceptor_.local_endpoint(error).port()};
}

void listener::accept_next() {
  io_worker& home = next_io_worker();
  acceptor_.async_accept(
      home.io().get_executor(), peer_,
      [this, &home, waiting = waiting_](boost::system::error_code error, tcp_socket socket) {
        on_accept(home, error, std::move(socket));
      });
}

void listener::on_accept(io_worker& home, boost::system::error_code error, tcp_socket socket) {
  if (!acceptor_.is_open()) return;
  if (!error) {
    take(home, std::move(socket), peer_);
    // Accepting one per loop iteration would delay new clients behind the requests of the others.
    accept_pending(accepted_at_once_max);
    return accept_next();
  }
  // The client has closed the connection already: no reason to pause.
  if (error == asio::error::connection_aborted) return accept_next();
  pause();
}

/// Out of descriptors or memory. The pending connection would wake the loop again immediately.
void listener::pause() {
  state_.accept_errors.fetch_add(1, std::memory_order_relaxed);
  timer_.expires_after(accept_pause);
  timer_.async_wait([this, waiting = waiting_](boost::system::error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) accept_next();
  });
}

void listener::revive() {
  if (waiting_.use_count() == 1 && acceptor_.is_open()) accept_next();
}

void listener::take(io_worker& home, tcp_socket socket, const asio::ip::tcp::endpoint& peer) {
  const auto number = state_.connections_total.fetch_add(1) + 1;
  const auto open = state_.connections_open.fetch_add(1) + 1;
  open_count counted(state_.connections_open);
  if (open > state_.connections_limit + refused_at_once_max) {
    state_.connections_refused.fetch_add(1, std::memory_order_relaxed);
    return;  // closes the socket
  }
  try {
    home.call(
        [&home, number, peer, counted = std::move(counted), socket = std::move(socket)]() mutable {
          auto c = std::make_shared<connection>(home.shared_from_this(), std::move(socket),
                                                to_ip_address(peer.address()), number);
          home.add(c);
          counted.keep();
          c->open();
        });
  } catch (const std::exception&) {
    state_.allocation_failures.fetch_add(1, std::memory_order_relaxed);
  }
}

/// Accepts connections that the kernel has established already.
void listener::accept_pending(std::size_t most) {
  boost::system::error_code error;
  for (std::size_t i = 0; i < most; ++i) {
    io_worker& home = next_io_worker();
    tcp_socket socket(home.io());
    asio::ip::tcp::endpoint peer;
    if (acceptor_.accept(socket, peer, error)) return;
    take(home, std::move(socket), peer);
  }
}

void listener::close() {
  if (!acceptor_.is_open()) return;
  boost::system::error_code error;
  timer_.cancel();
  // Closing would reset connections that the kernel has already established.
  accept_pending(std::numeric_limits<std::size_t>::max());
  acceptor_.close(error);
}

}  // namespace stoa::http
