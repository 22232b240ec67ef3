// Reading requests: the head, then the body within its limits.
#include "net/http/connection.hpp"
#include "net/http/connection_write.hpp"
#include "net/http/cors.hpp"
#include "net/http/refused_head.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>

namespace stoa::http {

namespace {

/// Enough for most requests; 10,000 idle clients cost 10 MB.
constexpr std::size_t buffer_bytes_first = 1024;
/// The maximum buffer size while a body is read.
constexpr std::size_t buffer_bytes_body = 16 * 1024;
/// How much of an oversized head is read beyond the limit, to find its Origin.
constexpr std::size_t origin_bytes_max = 8 * 1024;

}  // namespace

void connection::begin_request() {
  request_.reset();
  chunks_.reset();
  framing_ = {};
  scanned_ = 0;
  skipped_empty_line_ = false;
  head_only_ = false;
  long_head_.reset();
  cors_origin_.reset();
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > buffer_bytes_first) std::vector<char>().swap(buffer_);
    enter(phase::idle, io_worker_->config().timeouts.idle);
    if (io_worker_->state().draining) drain();
    return phase_ == phase::closed ? void() : read_more();
  }
  enter(phase::head, io_worker_->config().timeouts.header);
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
  if (phase_ == phase::body && filled_) grow_body_buffer();
  reading_ = true;
  const auto into = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  auto then = [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->guarded([&] { self->on_read(error, bytes); });
  };
  if (is_secure_) {
    tls_->read_some(into, std::move(then));
  } else {
    socket_.async_read_some(into, std::move(then));
  }
}

/// A body that arrives quickly is read with a larger buffer, within the budget.
void connection::grow_body_buffer() {
  const auto next = std::min(buffer_.size() * 4, buffer_bytes_body);
  if (next <= buffer_.size()) return;
  auto& held = request_->body_bytes;
  if (held.resize(held.bytes() + next - buffer_.size())) buffer_.resize(next);
}

void connection::on_read(boost::system::error_code error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  io_worker_counters::add(io_worker_->counters().bytes_in, bytes);
  if (phase_ == phase::writing) return;  // rejected as too slow: discard further input
  if (error) return long_head_ ? refuse(*long_head_) : close();
  filled_ = end_ + bytes == buffer_.size();
  if (phase_ == phase::lingering) {
    linger_bytes_ += bytes;
    return linger();
  }
  end_ += bytes;
  if (phase_ == phase::idle) enter(phase::head, io_worker_->config().timeouts.header);
  advance();
}

void connection::advance() {
  if (phase_ == phase::head) {
    read_head_bytes();
  } else {
    read_body_bytes();
  }
}

/// RFC 9112, section 2.2: one empty line before the request line is ignored. False while it may
/// still arrive.
bool connection::skip_empty_line() {
  if (skipped_empty_line_ || !unread().starts_with('\r')) return true;
  if (unread().size() == 1) return false;
  if (unread().starts_with("\r\n")) begin_ += 2;
  skipped_empty_line_ = true;
  return begin_ != end_;
}

void connection::read_head_bytes() {
  if (!skip_empty_line()) return read_more();
  const auto length = find_head_end(unread(), io_worker_->config().header_bytes_max, scanned_);
  if (!length) {
    if (length.error().status == 400 || !may_name_origin()) return refuse(length.error());
    long_head_ = length.error();
    return read_more();
  }
  if (*length == 0) return read_more();
  on_head(*length);
}

/// Whether the remaining lines of an oversized head may contain an allowed origin. Without it the
/// browser would hide the error from the page. A response for all origins does not need it.
bool connection::may_name_origin() const {
  const auto& config = io_worker_->config();
  return !config.cors_origins.empty() && !allowed_origin("", config.cors_origins) &&
         unread().size() < config.header_bytes_max + origin_bytes_max &&
         unread().find("\r\n\r\n") == std::string_view::npos && !find_field(unread(), "Origin");
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
  note_origin(request_->header("Origin"));
  if (const auto known = set_request_client(); !known) return refuse(known.error());

  if (!framing_.chunked && framing_.content_length == 0) return dispatch();
  begin_body();
}

/// Sets the client: the peer, or the client reported by a trusted proxy.
result<void> connection::set_request_client() {
  request_->client = peer_;
  request_->client_exempt = is_exempt_;
  request_->remote_address = remote_address_;
  if (!is_trusted_) return {};
  const auto& rules = io_worker_->config().addresses;
  const auto client = find_client(request_->headers, peer_, rules);
  if (!client) return client.error();
  if (*client == peer_) return {};
  request_->client = *client;
  request_->client_exempt = contains(rules.exempt, *client);
  request_->remote_address = client->str();
  return {};
}

// ---- the body

/// The limits of the body are known only now; no part of it is stored yet.
void connection::begin_body() {
  if (framing_.coded) {
    return refuse({415,
                   "content_coding_not_supported",
                   "Content-Encoding is not supported for request bodies.",
                   {{"#Content-Encoding", "value", "identity"}}});
  }
  const auto limit = body_limit();
  if (!limit) return refuse(limit.error());
  if (framing_.content_length > *limit) return refuse(body_too_large(*limit));
  if (framing_.chunked) {
    body_bytes_max_ = *limit;
    chunks_.emplace(*limit);
  } else {
    body_bytes_max_ = static_cast<std::size_t>(framing_.content_length);
  }
  const bool is_here = !framing_.chunked && body_bytes_max_ <= end_ - begin_;
  if (!is_here) request_->body_bytes = byte_lease(io_worker_->state().bodies);
  enter(phase::body, io_worker_->config().timeouts.body);
  if (begin_ == end_ && framing_.expect_continue) return send_continue();
  read_body_bytes();
}

/// The limit of the request's body, at most body_bytes_max.
result<std::size_t> connection::body_limit() const {
  const auto& config = io_worker_->config();
  const auto most = config.body_bytes_max;
  if (!config.on_body || framing_.content_length > most)
    return {boost::system::in_place_value, most};
  auto own = config.on_body(
      *request_, framing_.chunked ? most : static_cast<std::size_t>(framing_.content_length));
  if (own) *own = std::min(*own, most);
  return own;
}

/// Reserves room for the bytes within the budget of all bodies; false when that is exhausted. The
/// announced length reserves nothing: memory grows with the received data.
bool connection::make_body_room(std::size_t bytes) {
  std::string& body = request_->body;
  auto& held = request_->body_bytes;
  bytes = std::min(bytes, body_bytes_max_);
  if (held.bytes() > 0 && bytes <= body.capacity()) return true;
  const auto room = std::min(std::max(bytes, body.capacity() * 2), body_bytes_max_);
  // Both blocks exist while one is copied into the other.
  if (!held.resize(body.capacity() + room + buffer_.size())) return false;
  std::string larger;
  larger.reserve(room);
  larger.append(body);
  body.swap(larger);
  held.resize(body.capacity() + buffer_.size());
  return true;
}

void connection::read_body_bytes() {
  if (!request_) return close();  // unreachable: request_ is set from the head until dispatch
  std::string& body = request_->body;
  const auto wanted = body_bytes_max_ - body.size();
  const auto piece = chunks_ ? unread() : unread().substr(0, wanted);
  const bool is_whole = !chunks_ && piece.size() == body_bytes_max_;
  if (!is_whole && !make_body_room(body.size() + piece.size())) {
    io_worker_->state().bodies_refused.fetch_add(1, std::memory_order_relaxed);
    problem reason = unavailable(
        "The server has reached its limit for request bodies. The request was not executed. Retry "
        "later.");
    reason.code = "overloaded";
    return refuse(reason);
  }
  if (chunks_) {
    const auto taken = chunks_->read(piece, body);
    if (!taken) return refuse(taken.error());
    begin_ += *taken;
    if (!chunks_->done()) return read_more();
  } else {
    body.append(piece);
    begin_ += piece.size();
    if (piece.size() < wanted) return read_more();
  }
  dispatch();
}

void connection::send_continue() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  sending_continue_ = true;
  write(text, {}, [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->sending_continue_ = false;
    if (self->phase_ == phase::closed) return;
    io_worker_counters::add(self->io_worker_->counters().bytes_out, bytes);
    if (error) return self->close();
    self->guarded([&] { self->read_more(); });
  });
}

}  // namespace stoa::http
