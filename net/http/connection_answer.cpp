// Dispatching requests and writing responses.
#include "net/http/connection.hpp"
#include "net/http/connection_write.hpp"
#include "net/http/cors.hpp"
#include "net/http/problem_response.hpp"
#include "net/http/refused_head.hpp"
#include "net/http/serialize.hpp"
#include "storage/base/uuid.hpp"

#include <algorithm>
#include <exception>
#include <new>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// Bodies up to this size are copied behind the head: one buffer is cheaper to write than two.
constexpr std::size_t joined_body_bytes_max = 4096;
/// Under TLS two buffers are two records and two system calls; head and body fit into one record.
constexpr std::size_t joined_body_bytes_max_tls = 15UL * 1024;
/// How long to read after an error response, so that it reaches the client before a reset does.
constexpr milliseconds linger_limit{1000};
constexpr std::size_t linger_bytes_max = 4 << 20;
/// Buffer size for discarded data.
constexpr std::size_t linger_buffer_bytes = 4096;

}  // namespace

void connection::dispatch() {
  enter(phase::handling, io_worker_->config().timeouts.handler);
  ++request_number_;
  in_flight_ = true;
  io_worker_counters::add(io_worker_->counters().requests_in_flight, 1);
  io_worker_counters::add(io_worker_->counters().requests_total, 1);
  if (auto& held = request_->body_bytes; held.bytes() > 0) held.resize(request_->body.capacity());
  if (cors_origin_ && is_preflight(*request_)) {
    auto answer = preflight_response();
    note_answer(answer, {}, {});
    return deliver(request_number_, std::move(answer));
  }
  try {
    io_worker_->state().on_request(
        std::move(request_), responder(shared_from_this(), request_number_), io_worker_->index());
  } catch (const std::exception& e) {
    // The unwound responder has already answered 500; only the reason is left to report.
    if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) {
      io_worker_->state().allocation_failures.fetch_add(1, std::memory_order_relaxed);
    }
    io_worker_->report({number_,
                        remote_address_,
                        "",
                        {500, "internal_error", std::string("A handler threw: ") + e.what(), {}}});
  }
}

void connection::refuse(const problem& reason) {
  io_worker_->counters().count_refusal(reason.code);
  // Rejected before its head was complete: the lines read so far may contain the Origin. If not,
  // only a response for all origins can be correct.
  if (phase_ == phase::head && !request_) note_origin(find_field(unread(), "Origin").value_or(""));
  const std::string request_id = system_ids().next_v7().str();
  io_worker_->report(
      {number_, request_ ? request_->remote_address : remote_address_, request_id, reason});
  auto answer = problem_response(reason, request_id);
  note_answer(answer, reason.code, request_id);
  request_.reset();  // frees the body's memory
  framing_.keep_alive = false;
  send(std::move(answer), true);
}

/// Reports a response of the HTTP server itself to the access log, before it is sent.
void connection::note_answer(const response& answer, std::string_view code,
                             std::string_view request_id) {
  const auto& note = io_worker_->config().on_server_response;
  if (!note) return;
  server_response a{.remote_address = remote_address_,
                    .request_id = request_id,
                    .status = answer.status,
                    .code = code,
                    .body_bytes = answer.body.size()};
  request_line line;
  if (request_) {
    a.method = to_string(request_->method);
    a.path = request_->path;
    a.user_agent = request_->header("User-Agent").value_or("");
    a.received = request_->received;
    a.remote_address = request_->remote_address;
  } else if (phase_ == phase::head) {
    line = find_request_line(unread());
    a.method = line.method;
    a.path = line.path;
    a.user_agent = find_field(unread(), "User-Agent").value_or("");
  }
  note(a);
}

void connection::reply(std::uint64_t request_number, response answer) {
  io_worker_->call(
      [self = shared_from_this(), request_number, answer = std::move(answer)]() mutable {
        self->guarded([&] { self->deliver(request_number, std::move(answer)); });
      });
}

void connection::deliver(std::uint64_t request_number, response answer) {
  if (phase_ != phase::handling || request_number != request_number_) return;
  if (answer.hang_up) return close();
  const bool close_after = !framing_.keep_alive || answer.close || io_worker_->state().draining ||
                           request_number_ >= io_worker_->config().requests_per_connection_max;
  send(std::move(answer), close_after);
}

/// Sets the origin for the CORS fields of the response.
void connection::note_origin(std::optional<std::string_view> origin) {
  cors_origin_ = allowed_origin(origin, io_worker_->config().cors_origins);
}

void connection::send(response answer, bool close_after) {
  close_after_ = close_after;
  if (!io_worker_->config().cors_origins.empty()) add_cors_headers(answer, cors_origin_);
  out_ = std::move(answer);
  wire_options options{head_only_, close_after, framing_.http_1_0 && framing_.keep_alive};
  if (!write_head(out_, options, io_worker_->date(), out_head_)) {
    // An error of the handler. An invalid header is replaced, not repaired.
    out_ = problem_response({500, "internal_error", "The response could not be written.", {}});
    write_head(out_, options, io_worker_->date(), out_head_);
  }
  const std::string_view content = has_body(out_, options) ? out_.content() : std::string_view{};
  const auto extra =
      milliseconds(content.size() * 1000 /
                   std::max<std::size_t>(1, io_worker_->config().write_bytes_per_second_min));
  enter(phase::writing, io_worker_->config().timeouts.write + extra);

  auto written = [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
    self->guarded([&] { self->on_written(error, bytes); });
  };
  if (content.size() <= (is_secure_ ? joined_body_bytes_max_tls : joined_body_bytes_max)) {
    out_head_.append(content);
    write(out_head_, {}, std::move(written));
  } else {
    write(out_head_, content, std::move(written));
  }
}

void connection::on_written(boost::system::error_code error, std::size_t bytes) {
  if (phase_ == phase::closed) return;
  io_worker_counters::add(io_worker_->counters().bytes_out, bytes);
  if (in_flight_) {
    in_flight_ = false;
    io_worker_->counters().requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  out_ = {};
  if (error) return close();
  if (!close_after_) return begin_request();
  end_output();
}

/// Ends the output and waits for the client to close.
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

/// Reads and discards until the client closes: closing with unread bytes in the socket would reset
/// the connection, and the client might lose the response (RFC 9112, section 9.6).
void connection::linger() {
  if (linger_bytes_ > linger_bytes_max) return close();
  begin_ = end_ = 0;
  if (buffer_.size() > linger_buffer_bytes) std::vector<char>(linger_buffer_bytes).swap(buffer_);
  read_more();
}

}  // namespace stoa::http
