#pragma once
// The HTTP/1.1 server: connections, their limits and deadlines. It has no routing: all well-formed
// requests go to one handler.

#include "net/http/client_address.hpp"
#include "net/http/message.hpp"
#include "net/http/problem.hpp"
#include "net/http/responder.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

/// Answers one request through the responder, now or later, from any thread. Called on the
/// connection's IO worker, so it must not block.
using handler =
    std::function<void(std::shared_ptr<request>, responder, std::size_t io_thread_index)>;

/// Maximum body size of the request, or the problem with which to reject it before its body is
/// read. `bytes_max`: upper bound of its body size, by Content-Length or else body_bytes_max.
/// Called on the IO worker for requests with a body, when their head has been read.
using body_rule = std::function<result<std::size_t>(const request&, std::size_t bytes_max)>;

/// Problem codes with which the server itself rejects requests; the last stands for all others.
inline constexpr std::array<std::string_view, 20> refusal_reasons{"ambiguous_length",
                                                                  "authentication_required",
                                                                  "body_too_large",
                                                                  "content_coding_not_supported",
                                                                  "expectation_failed",
                                                                  "head_too_large",
                                                                  "invalid_forwarded_field",
                                                                  "invalid_host",
                                                                  "invalid_proxy_header",
                                                                  "malformed_chunk",
                                                                  "malformed_head",
                                                                  "malformed_target",
                                                                  "method_not_implemented",
                                                                  "out_of_memory",
                                                                  "overloaded",
                                                                  "request_timeout",
                                                                  "target_too_long",
                                                                  "transfer_encoding_not_supported",
                                                                  "version_not_supported",
                                                                  "other"};
/// The index of a code in refusal_reasons.
std::size_t refusal_reason(std::string_view code);

/// A request that the server itself rejected, or a client that it disconnected.
struct refusal {
  std::uint64_t connection = 0;
  std::string remote_address;
  std::string request_id;  ///< as in the response
  problem reason;
  std::uint64_t suppressed = 0;  ///< rejections before this one that were not reported
};

/// A response of the server itself, for an access log: to a rejected request or a preflight. The
/// references are valid during the call only.
struct server_response {
  std::string_view method{};  ///< empty when no request line was read
  std::string_view path{};    ///< percent-decoded, without the query
  std::string_view user_agent{};
  std::optional<std::chrono::steady_clock::time_point> received{};  ///< the end of the head
  std::string_view remote_address{};
  std::string_view request_id{};
  int status = 0;
  std::string_view code{};     ///< of the problem; empty if none
  std::size_t body_bytes = 0;  ///< of the response
};

/// How often limits of the server were reached, within a second or more.
struct pressure {
  std::uint64_t connections_refused = 0;             ///< beyond connections_max
  std::uint64_t connections_refused_by_address = 0;  ///< beyond connections_per_address_max
  std::uint64_t connections_closed_idle = 0;         ///< closed to make room
  std::uint64_t bodies_refused = 0;                  ///< beyond unfinished_bodies_bytes_max
  std::uint64_t allocation_failures = 0;
  std::uint64_t connections_open = 0;  ///< current
  friend bool operator==(const pressure&, const pressure&) = default;
};

/// How long each phase of a connection may take.
struct server_timeouts {
  std::chrono::milliseconds header{10'000};   ///< first to last byte of the head
  std::chrono::milliseconds body{30'000};     ///< end of the head to the last byte of the body
  std::chrono::milliseconds idle{60'000};     ///< between two requests
  std::chrono::milliseconds write{30'000};    ///< see write_bytes_per_second_min
  std::chrono::milliseconds handler{30'000};  ///< 503 `handler_timeout` afterwards
};

/// PEM files of HTTPS. Both empty: plain HTTP.
struct tls_files {
  std::string certificate{};  ///< the server's certificate, then its chain
  std::string key{};
};

/// The certificate presented to clients, for the log.
struct certificate_info {
  std::string subject{};
  std::int64_t not_before_s = 0;  ///< Unix time
  std::int64_t not_after_s = 0;   ///< Unix time
};

struct server_config {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 address; no names
  std::uint16_t port = 0;             ///< 0: any free port
  std::size_t io_threads = 1;
  std::size_t header_bytes_max = 8192;
  std::size_t body_bytes_max = 1 << 20;
  /// 503 above. Lowered if the limit of open files does not suffice. When nine tenths are open,
  /// those that have been idle longest are closed for new ones.
  std::size_t connections_max = 16'384;
  /// Per client, IPv6 clients by /64; 429 above.
  std::size_t connections_per_address_max = 16'384;
  /// Memory limit of all bodies being received or handled; 503 above.
  std::size_t unfinished_bodies_bytes_max = 128 << 20;
  std::uint64_t requests_per_connection_max = 1'000'000;
  /// The write timeout of a response is extended by one second per this many bytes.
  std::size_t write_bytes_per_second_min = 64 * 1024;
  server_timeouts timeouts{};
  /// When set, clients must speak TLS 1.2 or 1.3; the handshake has the header timeout.
  tls_files tls{};
  /// Origins allowed for browsers ("https://shop.example"), or "*" for all. Empty: no CORS.
  std::vector<std::string> cors_origins{};
  /// Trusted proxies, and clients exempt from limits per address.
  address_rules addresses{};
  /// Empty: the limit of all bodies is body_bytes_max.
  body_rule on_body{};
  /// Called for rejections, on an IO worker, at most ten times a second for each; for the log. May
  /// be empty.
  std::function<void(const refusal&)> on_refusal{};
  /// Called with each response of the server itself, on an IO worker. May be empty.
  std::function<void(const server_response&)> on_server_response{};
  /// Called once a second, on an IO worker, when limits were reached; for the log. May be empty.
  std::function<void(const pressure&)> on_pressure{};
};

struct server_counters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;             ///< beyond connections_max
  std::uint64_t connections_refused_by_address = 0;  ///< beyond connections_per_address_max
  std::uint64_t connections_closed_idle = 0;         ///< closed to make room for new ones
  std::uint64_t clients_connected = 0;               ///< addresses counted by the limit
  std::uint64_t bodies_refused = 0;                  ///< beyond unfinished_bodies_bytes_max
  std::uint64_t body_bytes_held = 0;                 ///< of unfinished_bodies_bytes_max, current
  std::uint64_t allocation_failures = 0;             ///< requests that failed for lack of memory
  std::uint64_t accept_errors = 0;                   ///< out of file descriptors or memory
  std::uint64_t requests_total = 0;                  ///< passed to the handler
  std::uint64_t requests_in_flight = 0;
  std::uint64_t requests_refused = 0;  ///< malformed, too large or too slow
  std::array<std::uint64_t, refusal_reasons.size()> refused_by_reason{};  ///< the same
  std::uint64_t handler_timeouts = 0;
  std::uint64_t tls_handshakes_failed = 0;  ///< rejected, malformed or too slow
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// One listening socket whose connections are distributed round-robin to the IO workers.
class server {
 public:
  explicit server(server_config config);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();  ///< stop()

  /// Listens and starts the threads; returns the port. Problem 500 `listen_failed` when the address
  /// is not available, `tls_files_bad` as in reload_tls().
  result<std::uint16_t> start(handler on_request);
  /// Accepts the connections in the backlog and closes the listening socket.
  void stop_accepting();
  /// Stops accepting, closes idle connections, and lets the others finish their current request.
  /// True when all connections were closed before the limit.
  bool drain(std::chrono::milliseconds limit);
  /// Closes all connections and joins the threads. Later calls of responders do nothing.
  void stop();

  /// Reads the certificate and its key again. New connections use the new one, open ones are not
  /// affected. Problem 500 `tls_files_bad` when the files cannot be used (the old certificate
  /// remains in use) or HTTPS is not configured. Any thread, after start().
  result<certificate_info> reload_tls();
  /// The result of the last start() or reload_tls(); nothing without HTTPS.
  std::optional<certificate_info> certificate() const;

  server_counters counters() const;
  /// connections_max as lowered by start().
  std::size_t connections_limit() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stoa::http
