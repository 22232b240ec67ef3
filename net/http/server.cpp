#include "net/http/server.hpp"

#include "net/http/connection.hpp"
#include "net/http/lane.hpp"
#include "net/http/tls_certificate.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <future>
#include <limits>
#include <sys/resource.h>
#include <thread>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// Descriptors kept free for databases, logs and mail.
constexpr std::size_t files_reserved = 256;
/// Clients beyond connections_max that are being told so at one time; further ones are cut off.
constexpr std::size_t refused_at_once_max = 128;
constexpr milliseconds accept_pause{100};
constexpr std::size_t accepted_at_once_max = 64;

/// Raises the soft limit of open files to the hard one; the limit there is now.
std::size_t raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit wanted = limit;
    wanted.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  }
  return limit.rlim_cur;
}

/// connections_max, or what the limit of open files leaves room for.
std::size_t connections_possible(std::size_t wanted) {
  const std::size_t files = raise_open_files();
  const std::size_t kept = std::min(files / 2, files_reserved + refused_at_once_max);
  return std::max<std::size_t>(1, std::min(wanted, files - kept));
}

problem listen_failed(const server_config& config, const std::string& why) {
  return {500,
          "listen_failed",
          "Can't listen on " + config.address + " port " + std::to_string(config.port) + ": " +
              why + ".",
          {}};
}

}  // namespace

class server::impl {
 public:
  explicit impl(server_config config) : state_(std::make_shared<server_state>()) {
    config.io_threads = std::max<std::size_t>(1, config.io_threads);
    state_->config = std::move(config);
  }
  ~impl() { stop(); }

  result<std::uint16_t> start(handler on_request);
  void stop_accepting();
  bool drain(milliseconds limit);
  void stop();
  result<certificate_info> reload_tls();
  std::optional<certificate_info> certificate() const;
  server_counters counters() const;
  std::size_t connections_limit() const { return state_->connections_limit; }

 private:
  using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

  result<std::uint16_t> listen();
  void accept_next();
  void on_accept(lane& home, boost::system::error_code error, tcp_socket socket);
  void take(lane& home, tcp_socket socket);
  void take_waiting(std::size_t most);
  void close_acceptor();
  lane& next_lane() { return *lanes_[next_lane_++ % lanes_.size()]; }

  std::shared_ptr<server_state> state_;
  std::vector<std::shared_ptr<lane>> lanes_;
  std::vector<std::thread> threads_;
  std::optional<acceptor> acceptor_;                // on the first lane
  std::optional<asio::steady_timer> accept_timer_;  // on the first lane
  std::size_t next_lane_ = 0;
};

result<std::uint16_t> server::impl::start(handler on_request) {
  if (!lanes_.empty())
    return problem{500, "listen_failed", "The server has been started before.", {}};
  const auto& tls = state_->config.tls;
  if (!tls.certificate.empty() || !tls.key.empty()) {
    if (const auto read = reload_tls(); !read) return read.error();
  }
  state_->on_request = std::move(on_request);
  state_->connections_limit = connections_possible(state_->config.connections_max);
  for (std::size_t i = 0; i < state_->config.io_threads; ++i) {
    lanes_.push_back(std::make_shared<lane>(state_, i));
  }
  auto port = listen();
  if (!port) {
    acceptor_.reset();
    lanes_.clear();
    return port;
  }
  accept_timer_.emplace(lanes_.front()->io());
  accept_next();
  for (auto& l : lanes_) threads_.emplace_back([l] { l->run(); });
  return port;
}

result<std::uint16_t> server::impl::listen() {
  const auto& config = state_->config;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(config.address, error);
  if (error) return listen_failed(config, "the address is no IPv4 or IPv6 address");
  const asio::ip::tcp::endpoint endpoint(address, config.port);
  acceptor_.emplace(lanes_.front()->io());
  // SO_REUSEADDR lets a restart have the port while old connections are in TIME_WAIT; it does not
  // let two servers share one.
  if (acceptor_->open(endpoint.protocol(), error) ||
      acceptor_->set_option(asio::socket_base::reuse_address(true), error) ||
      acceptor_->bind(endpoint, error) ||
      acceptor_->listen(asio::socket_base::max_listen_connections, error)) {
    return listen_failed(config, error.message());
  }
  acceptor_->non_blocking(true, error);
  return {boost::system::in_place_value, acceptor_->local_endpoint(error).port()};
}

void server::impl::accept_next() {
  lane& home = next_lane();
  acceptor_->async_accept(home.io().get_executor(),
                          [this, &home](boost::system::error_code error, tcp_socket socket) {
                            on_accept(home, error, std::move(socket));
                          });
}

void server::impl::on_accept(lane& home, boost::system::error_code error, tcp_socket socket) {
  if (!acceptor_->is_open()) return;
  if (!error) {
    take(home, std::move(socket));
    // One a turn would keep newcomers waiting behind all that the others ask meanwhile.
    take_waiting(accepted_at_once_max);
    return accept_next();
  }
  // The client has gone again: no reason to wait.
  if (error == asio::error::connection_aborted) return accept_next();
  // Out of descriptors or memory. The waiting client would wake the loop at once, again and again.
  state_->accept_errors.fetch_add(1, std::memory_order_relaxed);
  accept_timer_->expires_after(accept_pause);
  accept_timer_->async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && acceptor_->is_open()) accept_next();
  });
}

void server::impl::take(lane& home, tcp_socket socket) {
  const auto number = state_->connections_total.fetch_add(1) + 1;
  const auto open = state_->connections_open.fetch_add(1) + 1;
  const bool refused = open > state_->connections_limit;
  if (refused) state_->connections_refused.fetch_add(1, std::memory_order_relaxed);
  if (open > state_->connections_limit + refused_at_once_max) {
    state_->connections_open.fetch_sub(1);
    return;  // The socket closes here.
  }
  home.call([&home, refused, number, socket = std::move(socket)]() mutable {
    auto c = std::make_shared<connection>(home.shared_from_this(), std::move(socket), number);
    home.add(c);
    if (refused) {
      c->start_refused();
    } else {
      c->start();
    }
  });
}

/// Those whom the kernel has accepted already.
void server::impl::take_waiting(std::size_t most) {
  boost::system::error_code error;
  for (std::size_t i = 0; i < most; ++i) {
    lane& home = next_lane();
    tcp_socket socket(home.io());
    if (acceptor_->accept(socket, error)) return;
    take(home, std::move(socket));
  }
}

void server::impl::close_acceptor() {
  if (!acceptor_->is_open()) return;
  boost::system::error_code error;
  accept_timer_->cancel();
  // Closing would reset the clients that the kernel has already accepted on our behalf.
  take_waiting(std::numeric_limits<std::size_t>::max());
  acceptor_->close(error);
}

void server::impl::stop_accepting() {
  if (threads_.empty()) return;
  std::promise<void> closed;
  lanes_.front()->call([&] {
    close_acceptor();
    closed.set_value();
  });
  closed.get_future().wait();
}

bool server::impl::drain(milliseconds limit) {
  if (threads_.empty()) return true;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  state_->draining = true;
  stop_accepting();
  for (auto& l : lanes_) l->drain();
  while (state_->connections_open.load() > 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

void server::impl::stop() {
  if (threads_.empty()) return;
  stop_accepting();
  for (auto& l : lanes_) l->stop();
  for (auto& t : threads_) t.join();
  threads_.clear();
  acceptor_.reset();
  accept_timer_.reset();
  // A responder that is still about keeps a lane alive; it need not keep the handler's world alive
  // too.
  state_->on_request = nullptr;
}

result<certificate_info> server::impl::reload_tls() {
  auto read = tls_certificate::read(state_->config.tls);
  if (!read) return read.error();
  const auto info = (*read)->info();
  state_->certificate.set(std::move(*read));
  return info;
}

std::optional<certificate_info> server::impl::certificate() const {
  const auto present = state_->certificate.get();
  if (!present) return std::nullopt;
  return present->info();
}

server_counters server::impl::counters() const {
  server_counters sum;
  sum.connections_open = state_->connections_open;
  sum.connections_total = state_->connections_total;
  sum.connections_refused = state_->connections_refused;
  sum.accept_errors = state_->accept_errors;
  for (const auto& l : lanes_) {
    const auto& c = l->counters();
    sum.requests_total += c.requests_total;
    sum.requests_in_flight += c.requests_in_flight;
    sum.requests_refused += c.requests_refused;
    sum.handler_timeouts += c.handler_timeouts;
    sum.tls_handshakes_failed += c.tls_handshakes_failed;
    sum.bytes_in += c.bytes_in;
    sum.bytes_out += c.bytes_out;
  }
  return sum;
}

server::server(server_config config) : impl_(std::make_unique<impl>(std::move(config))) {}
server::~server() = default;
result<std::uint16_t> server::start(handler on_request) {
  return impl_->start(std::move(on_request));
}
void server::stop_accepting() {
  impl_->stop_accepting();
}
bool server::drain(std::chrono::milliseconds limit) {
  return impl_->drain(limit);
}
void server::stop() {
  impl_->stop();
}
result<certificate_info> server::reload_tls() {
  return impl_->reload_tls();
}
std::optional<certificate_info> server::certificate() const {
  return impl_->certificate();
}
server_counters server::counters() const {
  return impl_->counters();
}
std::size_t server::connections_limit() const {
  return impl_->connections_limit();
}

}  // namespace stoa::http
