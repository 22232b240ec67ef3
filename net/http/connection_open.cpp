// Opening a connection: the PROXY header, the limits on connections, the TLS handshake.
#include "net/http/connection.hpp"
#include "net/http/problem_response.hpp"
#include "storage/base/uuid.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace stoa::http {

namespace {

/// For connections that are opening when a drain begins: the client may still send its request, but
/// an idle client does not delay the drain.
constexpr std::chrono::seconds drained_opening_limit{1};

}  // namespace

void connection::open() {
  guarded([this] {
    if (!is_trusted_ || !io_worker_->config().addresses.proxy_protocol) return admit();
    proxy_header_ = std::make_unique<proxy_header_reader>();
    enter(phase::proxy_header, io_worker_->config().timeouts.header);
    wait_for_proxy_header();
  });
}

// ---- the PROXY header

void connection::wait_for_proxy_header() {
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       if (self->phase_ == phase::closed) return;
                       if (error) return self->close();
                       self->guarded([&] { self->read_proxy_header(); });
                     });
}

/// Peeks at the received bytes before consuming them: TLS reads from the socket itself, so no byte
/// after the header may be consumed.
void connection::read_proxy_header() {
  std::array<char, 256> bytes{};
  while (!proxy_header_->done()) {
    const auto seen =
        ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return wait_for_proxy_header();
    if (seen <= 0) return close();
    const auto taken = proxy_header_->take({bytes.data(), static_cast<std::size_t>(seen)});
    if (!taken) {
      io_worker_->counters().count_refusal(taken.error().code);
      io_worker_->report({number_, remote_address_, {}, taken.error()});
      return close();
    }
    if (::recv(socket_.native_handle(), bytes.data(), *taken, MSG_DONTWAIT) < 0) return close();
    io_worker_counters::add(io_worker_->counters().bytes_in, *taken);
  }
  if (const auto& client = proxy_header_->client()) set_client(*client);
  proxy_header_.reset();
  admit();
}

// ---- the limits on connections

/// The limit per client is checked first: a client with too many connections must not cause others
/// to be closed.
void connection::admit() {
  auto& state = io_worker_->state();
  if (!is_exempt_ && !is_trusted_) {
    const auto key = key_of(peer_);
    if (!state.clients.enter(key)) {
      state.connections_refused_by_address.fetch_add(1, std::memory_order_relaxed);
      return reject_connection(rejection::client_has_too_many);
    }
    counted_ = key;
  }
  if (!io_worker_->make_room()) {
    state.connections_refused.fetch_add(1, std::memory_order_relaxed);
    return reject_connection(rejection::server_full);
  }
  begin_tls();
  start();
}

/// Sends an error response to some of them; when there are many, the rest is closed without one.
void connection::reject_connection(rejection why) {
  auto& refusing = io_worker_->state().connections_refusing;
  if (refusing.fetch_add(1) >= refused_at_once_max) {
    refusing.fetch_sub(1);
    return close();
  }
  rejection_ = why;
  begin_tls();
  start_rejection();
}

void connection::start() {
  if (is_secure_ && !tls_->established()) return shake_hands(&connection::start);
  if (io_worker_->state().draining) {
    // It was in the backlog when the drain began: it may still send its request.
    enter(phase::head, io_worker_->config().timeouts.header);
  } else {
    enter(phase::idle, io_worker_->config().timeouts.header);
  }
  read_more();
}

void connection::start_rejection() {
  if (is_secure_ && !tls_->established()) return shake_hands(&connection::start_rejection);
  problem reason = unavailable("Too many connections.");
  if (rejection_ == rejection::client_has_too_many) {
    reason.status = 429;
    reason.detail = "Too many connections from this address.";
  }
  reason.code = "too_many_connections";
  enter(phase::head, io_worker_->config().timeouts.header);
  framing_.keep_alive = false;
  note_origin("");  // no Origin has been read: for all origins or for none
  const std::string request_id = system_ids().next_v7().str();
  auto answer = problem_response(reason, request_id);
  note_answer(answer, reason.code, request_id);
  send(std::move(answer), true);
}

// ---- TLS

void connection::begin_tls() {
  const auto certificate = io_worker_->state().certificate.get();
  if (!certificate) return;
  tls_ = std::make_unique<tls_stream>(socket_, *certificate);
  is_secure_ = true;
}

void connection::shake_hands(void (connection::*then)()) {
  enter(phase::handshake, io_worker_->config().timeouts.header);
  tls_->handshake([self = shared_from_this(), then](handshake_result what, const std::string& why) {
    self->guarded([&] { self->on_handshake(what, why, then); });
  });
}

void connection::on_handshake(handshake_result what, const std::string& why,
                              void (connection::*then)()) {
  if (phase_ == phase::closed) return;
  switch (what) {
    case handshake_result::done:
      return (this->*then)();
    case handshake_result::gone:
      return close();  // load balancers do this to check whether the port is open
    case handshake_result::plain_http:
    case handshake_result::failed:
      return on_handshake_failed(why, what == handshake_result::plain_http);
  }
}

void connection::shorten_opening() {
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + drained_opening_limit);
}

/// The alert, if any, has been sent. The client's remaining data is read and discarded; otherwise a
/// reset could discard the alert.
void connection::on_handshake_failed(const std::string& why, bool answer_plainly) {
  io_worker_counters::add(io_worker_->counters().tls_handshakes_failed, 1);
  is_secure_ = false;
  framing_.keep_alive = false;
  problem reason{400, "tls_handshake_failed", "The TLS handshake failed: " + why + ".", {}};
  io_worker_->report({number_, remote_address_, {}, reason});
  if (!answer_plainly) return end_output();
  // A browser shows the problem to users who typed http://.
  reason = {400, "https_required", "This port requires HTTPS. Use https://.", {}};
  const std::string request_id = system_ids().next_v7().str();
  auto answer = problem_response(reason, request_id);
  note_answer(answer, reason.code, request_id);
  send(std::move(answer), true);
}

}  // namespace stoa::http
