#include "net/http/connection.hpp"

#include "net/http/problem_response.hpp"
#include "storage/base/uuid.hpp"

#include <new>
#include <stdexcept>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// A request that takes longer to arrive makes its connection a candidate for closing.
constexpr milliseconds slow_after{1000};

}  // namespace

connection::connection(std::shared_ptr<io_worker> home, tcp_socket socket, const ip_address& peer,
                       std::uint64_t number)
    : io_worker_(std::move(home)), socket_(std::move(socket)), number_(number) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  set_client(peer);
}

connection::~connection() = default;

void connection::set_client(const ip_address& client) {
  const auto& rules = io_worker_->config().addresses;
  peer_ = client;
  remote_address_ = client.str();
  is_trusted_ = contains(rules.trusted_proxies, client);
  is_exempt_ = contains(rules.exempt, client);
}

void connection::enter(phase next, milliseconds limit) {
  phase_ = next;
  since_ = std::chrono::steady_clock::now();
  deadline_ = since_ + limit;
}

void connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  request_.reset();
  if (in_flight_) {
    in_flight_ = false;
    io_worker_->counters().requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  if (is_secure_) tls_->end_output_now();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  auto& state = io_worker_->state();
  if (counted_) state.clients.leave(*counted_);
  if (rejection_ != rejection::none) state.connections_refusing.fetch_sub(1);
  io_worker_->remove(*this);
}

void connection::drain() {
  if (phase_ == phase::handshake || phase_ == phase::proxy_header) return shorten_opening();
  if (phase_ == phase::idle) close_idle();
}

/// A request that is already in the socket is still served.
bool connection::close_idle() {
  boost::system::error_code error;
  const bool has_request =
      phase_ == phase::idle &&
      (socket_.available(error) > 0 || (is_secure_ && tls_->established() && tls_->has_unread()));
  if (has_request && !error) return false;
  close();
  return true;
}

std::optional<connection::idle_since> connection::idleness(
    std::chrono::steady_clock::time_point now) const {
  switch (phase_) {
    case phase::idle:
      return idle_since{false, since_};
    case phase::proxy_header:
    case phase::handshake:
    case phase::head:
    case phase::body:
      if (now - since_ < slow_after) return std::nullopt;
      return idle_since{true, since_};
    case phase::opening:
    case phase::handling:
    case phase::writing:
    case phase::lingering:
    case phase::closed:
      break;
  }
  return std::nullopt;
}

void connection::check_deadline(std::chrono::steady_clock::time_point now) {
  if (now < deadline_) return;
  guarded([this] { on_deadline(); });
}

void connection::on_deadline() {
  switch (phase_) {
    case phase::handshake:
      on_handshake_failed("it timed out", false);
      return close();
    case phase::head:
    case phase::body:
      // An error response must not be written into the middle of "100 Continue".
      if (sending_continue_) return close();
      if (long_head_) return refuse(*long_head_);
      return refuse({408, "request_timeout", "The request did not arrive in time.", {}});
    case phase::handling: {
      io_worker_counters::add(io_worker_->counters().handler_timeouts, 1);
      problem reason = unavailable("The request timed out. It may or may not have been executed.");
      reason.code = "handler_timeout";
      framing_.keep_alive = false;
      return deliver(request_number_, problem_response(reason, system_ids().next_v7().str()));
    }
    case phase::idle:
      // A request that waits unread arrived in time: the delay is this server's.
      close_idle();
      return;
    case phase::proxy_header:
    case phase::writing:
    case phase::lingering:
      return close();
    case phase::opening:
    case phase::closed:
      return;
  }
}

/// The failure affects this connection only. The client gets a response if memory allows.
void connection::on_exception(const std::exception& e) {
  if (phase_ == phase::closed) return;
  const bool no_memory = dynamic_cast<const std::bad_alloc*>(&e) != nullptr ||
                         dynamic_cast<const std::length_error*>(&e) != nullptr;
  if (no_memory) io_worker_->state().allocation_failures.fetch_add(1, std::memory_order_relaxed);
  const bool can_answer =
      (phase_ == phase::head || phase_ == phase::body || phase_ == phase::handling) &&
      !sending_continue_;
  if (!can_answer) return close();
  if (request_) std::string().swap(request_->body);
  try {
    problem reason{500, "internal_error", "Internal server error.", {}};
    if (no_memory) {
      reason = unavailable("Out of memory. Retry later.");
      reason.code = "out_of_memory";
    }
    refuse(reason);
  } catch (const std::exception&) {
    close();
  }
}

}  // namespace stoa::http
