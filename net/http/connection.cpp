#include "net/http/connection.hpp"

#include "net/http/cors.hpp"
#include "net/http/problem_response.hpp"
#include "net/http/serialize.hpp"
#include "storage/base/uuid.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// Enough for most requests; 10,000 idle clients cost 10 MB.
constexpr std::size_t buffer_bytes_first = 1024;
/// While a body arrives, fewer and larger reads.
constexpr std::size_t buffer_bytes_body = 16 * 1024;
/// A body no larger than this is copied behind the head: one buffer is cheaper to write than two.
constexpr std::size_t joined_body_bytes_max = 4096;
/// Under TLS two buffers are two records and two system calls; head and body fit into one record.
constexpr std::size_t joined_body_bytes_max_tls = 15UL * 1024;
/// How long a refused client is listened to, so that the answer reaches it before a reset does.
constexpr milliseconds linger_limit{1000};
constexpr std::size_t linger_bytes_max = 4 << 20;

ip_address to_ip_address(const asio::ip::address& a) {
  return a.is_v4() ? ip_address::v4(a.to_v4().to_bytes().data())
                   : ip_address::v6(a.to_v6().to_bytes().data());
}

}  // namespace

connection::connection(std::shared_ptr<lane> home, tcp_socket socket, std::uint64_t number)
    : lane_(std::move(home)), socket_(std::move(socket)), number_(number) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) peer_ = to_ip_address(peer.address());
  remote_address_ = peer_.str();
  const auto& rules = lane_->config().addresses;
  is_trusted_ = contains(rules.trusted_proxies, peer_);
  is_exempt_ = contains(rules.exempt, peer_);
  if (const auto certificate = lane_->state().certificate.get()) {
    tls_ = std::make_unique<tls_stream>(socket_, *certificate);
    is_secure_ = true;
  }
}

connection::~connection() = default;

void connection::start() {
  if (is_secure_ && !tls_->established()) return shake_hands(&connection::start);
  if (lane_->state().draining) {
    // It waited in the backlog when the drain began: it may still send the request it came for.
    enter(phase::head, lane_->config().timeouts.header);
  } else {
    enter(phase::idle, lane_->config().timeouts.header);
  }
  read_more();
}

void connection::start_refused() {
  if (is_secure_ && !tls_->established()) return shake_hands(&connection::start_refused);
  problem reason = unavailable("There are too many connections.");
  reason.code = "too_many_connections";
  enter(phase::head, lane_->config().timeouts.header);
  framing_.keep_alive = false;
  send(problem_response(reason), true);
}

void connection::enter(phase next, milliseconds limit) {
  phase_ = next;
  deadline_ = std::chrono::steady_clock::now() + limit;
}

void connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  if (in_flight_) {
    in_flight_ = false;
    lane_->counters().requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  if (is_secure_) tls_->end_output_now();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  lane_->remove(*this);
}

void connection::drain() {
  if (phase_ == phase::handshake) return hurry_handshake();
  if (phase_ != phase::idle) return;
  // Its next request may be in the socket already: that one is still served.
  boost::system::error_code error;
  if (socket_.available(error) == 0 && !(is_secure_ && tls_->has_unread())) close();
}

void connection::check_deadline(std::chrono::steady_clock::time_point now) {
  if (now < deadline_) return;
  switch (phase_) {
    case phase::handshake:
      on_handshake_failed("it did not end in time", false);
      return close();
    case phase::head:
    case phase::body:
      // A refusal must not be written into the middle of "100 Continue".
      if (saying_continue_) return close();
      return refuse({408, "request_timeout", "The request did not arrive in time.", {}});
    case phase::handling: {
      lane_counters::add(lane_->counters().handler_timeouts, 1);
      problem reason = unavailable("The request took too long. It may or may not have been done.");
      reason.code = "handler_timeout";
      framing_.keep_alive = false;
      return deliver(request_number_, problem_response(reason, system_ids().next_v7().str()));
    }
    case phase::idle:
    case phase::writing:
    case phase::lingering:
      return close();
    case phase::closed:
      return;
  }
}

// ---- reading

void connection::begin_request() {
  request_.reset();
  chunks_.reset();
  framing_ = {};
  scanned_ = 0;
  skipped_empty_line_ = false;
  head_only_ = false;
  cross_origin_ = false;
  cors_origin_.reset();
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > buffer_bytes_first) std::vector<char>().swap(buffer_);
    enter(phase::idle, lane_->config().timeouts.idle);
    if (lane_->state().draining) drain();
    return phase_ == phase::closed ? void() : read_more();
  }
  enter(phase::head, lane_->config().timeouts.header);
  advance();
}

void connection::read_more() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(),
                buffer_.begin());
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(std::max(buffer_bytes_first, buffer_.size() * 2));
    }
  }
  if (phase_ == phase::body && buffer_.size() < buffer_bytes_body)
    buffer_.resize(buffer_bytes_body);
  reading_ = true;
  const auto into = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  auto then = [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->on_read(error, bytes);
  };
  if (is_secure_) {
    tls_->read_some(into, std::move(then));
  } else {
    socket_.async_read_some(into, std::move(then));
  }
}

void connection::on_read(boost::system::error_code error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  lane_counters::add(lane_->counters().bytes_in, bytes);
  if (phase_ == phase::writing) return;  // Refused for its slowness: what it says now is not heard.
  if (error) return close();
  if (phase_ == phase::lingering) {
    linger_bytes_ += bytes;
    return linger_bytes_ > linger_bytes_max ? close() : linger();
  }
  end_ += bytes;
  if (phase_ == phase::idle) enter(phase::head, lane_->config().timeouts.header);
  advance();
}

void connection::advance() {
  if (phase_ == phase::head) {
    read_head_bytes();
  } else {
    read_body_bytes();
  }
}

/// RFC 9112, section 2.2: one empty line before the request line is to be ignored. False while it
/// may still be coming.
bool connection::skip_empty_line() {
  if (skipped_empty_line_ || !unread().starts_with('\r')) return true;
  if (unread().size() == 1) return false;
  if (unread().starts_with("\r\n")) begin_ += 2;
  skipped_empty_line_ = true;
  return begin_ != end_;
}

void connection::read_head_bytes() {
  if (!skip_empty_line()) return read_more();
  const auto length = find_head_end(unread(), lane_->config().header_bytes_max, scanned_);
  if (!length) return refuse(length.error());
  if (*length == 0) return read_more();
  on_head(*length);
}

void connection::on_head(std::size_t head_bytes) {
  const auto head = unread().substr(0, head_bytes);
  const auto framed = check_head(head);
  if (!framed) return refuse(framed.error());
  auto read = read_head(head, is_secure_ ? "https://" : "http://");
  if (!read) return refuse(read.error());
  begin_ += head_bytes;
  framing_ = *framed;
  request_ = std::move(*read);
  request_->connection = number_;
  head_only_ = request_->method == method::head;
  if (const auto known = find_out_client(); !known) return refuse(known.error());

  const std::size_t body_bytes_max = lane_->config().body_bytes_max;
  if (framing_.content_length > body_bytes_max) {
    return refuse({413,
                   "body_too_large",
                   "The body is larger than " + std::to_string(body_bytes_max) + " bytes.",
                   {}});
  }
  if (!framing_.chunked && framing_.content_length == 0) return hand_on();
  if (framing_.chunked) chunks_.emplace(body_bytes_max);
  enter(phase::body, lane_->config().timeouts.body);
  if (begin_ == end_ && framing_.expect_continue) return say_continue();
  read_body_bytes();
}

/// Fills in who asks: the peer, or the client that it reports when it is a trusted proxy.
result<void> connection::find_out_client() {
  request_->client = peer_;
  request_->client_exempt = is_exempt_;
  request_->remote_address = remote_address_;
  if (!is_trusted_) return {};
  const auto& rules = lane_->config().addresses;
  const auto client = find_client(request_->headers, peer_, rules);
  if (!client) return client.error();
  if (*client == peer_) return {};
  request_->client = *client;
  request_->client_exempt = contains(rules.exempt, *client);
  request_->remote_address = client->str();
  return {};
}

void connection::say_continue() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  saying_continue_ = true;
  write(text, {}, [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->saying_continue_ = false;
    if (self->phase_ == phase::closed) return;
    lane_counters::add(self->lane_->counters().bytes_out, bytes);
    if (error) return self->close();
    self->read_more();
  });
}

void connection::read_body_bytes() {
  if (!request_) return close();  // Never: a request stands from its head to its handing on.
  std::string& body = request_->body;
  if (chunks_) {
    const auto taken = chunks_->read(unread(), body);
    if (!taken) return refuse(taken.error());
    begin_ += *taken;
    if (!chunks_->done()) return read_more();
  } else {
    const auto wanted = static_cast<std::size_t>(framing_.content_length) - body.size();
    const auto piece = unread().substr(0, wanted);
    body.append(piece);
    begin_ += piece.size();
    if (piece.size() < wanted) return read_more();
  }
  hand_on();
}

// ---- answering

void connection::hand_on() {
  const auto& origins = lane_->config().cors_origins;
  if (!origins.empty()) {
    cross_origin_ = true;
    cors_origin_ = allowed_origin(*request_, origins);
  }
  enter(phase::handling, lane_->config().timeouts.handler);
  ++request_number_;
  in_flight_ = true;
  lane_counters::add(lane_->counters().requests_in_flight, 1);
  lane_counters::add(lane_->counters().requests_total, 1);
  if (cors_origin_ && is_preflight(*request_))
    return deliver(request_number_, preflight_response());
  try {
    lane_->state().on_request(std::move(request_), responder(shared_from_this(), request_number_),
                              lane_->index());
  } catch (const std::exception& e) {
    // The responder died on the way out and has answered 500; what is left is to say why.
    if (!lane_->config().on_refusal) return;
    lane_->config().on_refusal(
        {number_,
         remote_address_,
         "",
         {500, "internal_error", std::string("A handler threw: ") + e.what(), {}}});
  }
}

void connection::refuse(const problem& reason) {
  lane_counters::add(lane_->counters().requests_refused, 1);
  const std::string request_id = system_ids().next_v7().str();
  if (lane_->config().on_refusal) {
    lane_->config().on_refusal({number_, remote_address_, request_id, reason});
  }
  framing_.keep_alive = false;
  send(problem_response(reason, request_id), true);
}

void connection::reply(std::uint64_t request_number, response answer) {
  lane_->call([self = shared_from_this(), request_number, answer = std::move(answer)]() mutable {
    self->deliver(request_number, std::move(answer));
  });
}

void connection::deliver(std::uint64_t request_number, response answer) {
  if (phase_ != phase::handling || request_number != request_number_) return;
  const bool close_after = !framing_.keep_alive || answer.close || lane_->state().draining ||
                           request_number_ >= lane_->config().requests_per_connection_max;
  if (cross_origin_) add_cors_headers(answer, cors_origin_);
  send(std::move(answer), close_after);
}

void connection::send(response answer, bool close_after) {
  close_after_ = close_after;
  out_ = std::move(answer);
  wire_options options{head_only_, close_after, framing_.http_1_0 && framing_.keep_alive};
  if (!write_head(out_, options, lane_->date(), out_head_)) {
    // A handler's mistake. A header that can't be written safely is not repaired but replaced.
    out_ = problem_response({500, "internal_error", "The answer could not be written.", {}});
    write_head(out_, options, lane_->date(), out_head_);
  }
  const std::string_view content = has_body(out_, options) ? out_.content() : std::string_view{};
  const auto extra = milliseconds(
      content.size() * 1000 / std::max<std::size_t>(1, lane_->config().write_bytes_per_second_min));
  enter(phase::writing, lane_->config().timeouts.write + extra);

  auto written = [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->on_written(error, bytes);
  };
  if (content.size() <= (is_secure_ ? joined_body_bytes_max_tls : joined_body_bytes_max)) {
    out_head_.append(content);
    write(out_head_, {}, std::move(written));
  } else {
    write(out_head_, content, std::move(written));
  }
}

template <class Then>
void connection::write(std::string_view head, std::string_view body, Then then) {
  const std::array<asio::const_buffer, 2> parts{asio::const_buffer(head.data(), head.size()),
                                                asio::const_buffer(body.data(), body.size())};
  if (is_secure_) {
    tls_->write(parts[0], parts[1], std::move(then));
  } else if (body.empty()) {
    asio::async_write(socket_, asio::const_buffers_1(parts[0]), std::move(then));
  } else {
    asio::async_write(socket_, parts, std::move(then));
  }
}

void connection::on_written(boost::system::error_code error, std::size_t bytes) {
  if (phase_ == phase::closed) return;
  lane_counters::add(lane_->counters().bytes_out, bytes);
  if (in_flight_) {
    in_flight_ = false;
    lane_->counters().requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  out_ = {};
  if (error) return close();
  if (!close_after_) return begin_request();
  end_output();
}

/// Says that nothing more comes, and waits for the client to do the same.
void connection::end_output() {
  enter(phase::lingering, linger_limit);
  auto shut = [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  };
  if (is_secure_) {
    tls_->end_output(std::move(shut));
  } else {
    shut();
  }
  begin_ = end_ = 0;
  if (!reading_) linger();
}

/// Reads and forgets until the client closes: closing with unread bytes in the socket would reset
/// the connection and could take the answer away from the client (RFC 9112, section 9.6).
void connection::linger() {
  begin_ = end_ = 0;
  read_more();
}

}  // namespace stoa::http
