#pragma once
// The HTTP/1.1 server: connections, their limits and deadlines. It knows no route: every
// well-formed request goes to one handler.

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

/// Answers one request through the responder, now or later, from any thread. Called on the io
/// thread of the connection, so it must not block.
using handler =
    std::function<void(std::shared_ptr<request>, responder, std::size_t io_thread_index)>;

/// Largest body that the request may have, or the problem to refuse it with before its body is
/// read. `bytes_max`: what its body may come to, by Content-Length or else body_bytes_max. Called
/// on the io thread for requests with a body, when their head has been read.
using body_rule = std::function<result<std::size_t>(const request&, std::size_t bytes_max)>;

/// Codes of the problems for which the edge itself refuses requests; the last stands for others.
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
/// The place of a code among them.
std::size_t refusal_reason(std::string_view code);

/// A request that the edge itself refused, or a client that it gave up on.
struct refusal {
  std::uint64_t connection = 0;
  std::string remote_address;
  std::string request_id;  ///< as in the answer
  problem reason;
  std::uint64_t untold = 0;  ///< refusals before this one that were not reported
};

/// An answer that the edge itself gave, for an access log: a refusal, or that to a preflight. It
/// refers to what lives as long as the call.
struct edge_answer {
  std::string_view method{};  ///< empty when no request line was read
  std::string_view path{};    ///< percent-decoded, without the query
  std::string_view user_agent{};
  std::optional<std::chrono::steady_clock::time_point> received{};  ///< the end of the head
  std::string_view remote_address{};
  std::string_view request_id{};
  int status = 0;
  std::string_view code{};     ///< of the problem; empty: none
  std::size_t body_bytes = 0;  ///< of the answer
};

/// How often limits of the whole server were reached, within a second or more.
struct pressure {
  std::uint64_t connections_refused = 0;             ///< beyond connections_max
  std::uint64_t connections_refused_by_address = 0;  ///< beyond connections_per_address_max
  std::uint64_t connections_closed_idle = 0;         ///< closed to make room
  std::uint64_t bodies_refused = 0;                  ///< beyond unfinished_bodies_bytes_max
  std::uint64_t allocation_failures = 0;
  std::uint64_t connections_open = 0;  ///< now
  friend bool operator==(const pressure&, const pressure&) = default;
};

/// How long each phase of a connection may take.
struct server_timeouts {
  std::chrono::milliseconds header{10'000};   ///< first to last byte of the head
  std::chrono::milliseconds body{30'000};     ///< end of the head to the last byte of the body
  std::chrono::milliseconds idle{60'000};     ///< between two requests
  std::chrono::milliseconds write{30'000};    ///< see write_bytes_per_second_min
  std::chrono::milliseconds handler{30'000};  ///< beyond it the client gets 503 `handler_timeout`
};

/// PEM files of HTTPS. Both empty: plain HTTP.
struct tls_files {
  std::string certificate{};  ///< the server's own, then its chain
  std::string key{};
};

/// The certificate that is shown to clients, for the log.
struct certificate_info {
  std::string subject{};
  std::int64_t not_before_s = 0;  ///< Unix time
  std::int64_t not_after_s = 0;   ///< Unix time
};

struct server_config {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6; no names
  std::uint16_t port = 0;             ///< 0: any free one
  std::size_t io_threads = 1;
  std::size_t header_bytes_max = 8192;
  std::size_t body_bytes_max = 1 << 20;
  /// Beyond it clients get 503. Lowered to what the limit of open files leaves room for. When nine
  /// tenths are open, those that have been idle longest are closed for new ones.
  std::size_t connections_max = 16'384;
  /// Of one client, IPv6 clients by /64; beyond it 429.
  std::size_t connections_per_address_max = 16'384;
  /// What all bodies that are being received or handled may hold in memory; beyond it 503.
  std::size_t unfinished_bodies_bytes_max = 128 << 20;
  std::uint64_t requests_per_connection_max = 1'000'000;
  /// An answer gets a second more than the write timeout for each so many bytes.
  std::size_t write_bytes_per_second_min = 64 * 1024;
  server_timeouts timeouts{};
  /// When set, clients must speak TLS 1.2 or 1.3; the handshake has the header timeout.
  tls_files tls{};
  /// Origins that browsers may call from ("https://shop.example"), or "*" for all. None: no CORS.
  std::vector<std::string> cors_origins{};
  /// Which peers are proxies, and which clients have no limits per address.
  address_rules addresses{};
  /// None: the limit of all bodies is body_bytes_max.
  body_rule on_body{};
  /// Told of refusals, on an io thread, ten a second for each at most; for the log. May be empty.
  std::function<void(const refusal&)> on_refusal{};
  /// Called with each answer that the edge itself gives, on an io thread. May be empty.
  std::function<void(const edge_answer&)> on_edge_answer{};
  /// Told once a second, on an io thread, when limits were reached; for the log. May be empty.
  std::function<void(const pressure&)> on_pressure{};
};

struct server_counters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;             ///< beyond connections_max
  std::uint64_t connections_refused_by_address = 0;  ///< beyond connections_per_address_max
  std::uint64_t connections_closed_idle = 0;         ///< closed to make room for new ones
  std::uint64_t clients_connected = 0;               ///< addresses that the limit counts for
  std::uint64_t bodies_refused = 0;                  ///< beyond unfinished_bodies_bytes_max
  std::uint64_t body_bytes_held = 0;                 ///< of unfinished_bodies_bytes_max, now
  std::uint64_t allocation_failures = 0;             ///< requests that ended for want of memory
  std::uint64_t accept_errors = 0;                   ///< no file descriptors or memory left
  std::uint64_t requests_total = 0;                  ///< handed to the handler
  std::uint64_t requests_in_flight = 0;
  std::uint64_t requests_refused = 0;  ///< malformed, too large or too slow
  std::array<std::uint64_t, refusal_reasons.size()> refused_by_reason{};  ///< the same
  std::uint64_t handler_timeouts = 0;
  std::uint64_t tls_handshakes_failed = 0;  ///< refused, misunderstood or too slow
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// One listening socket whose connections go round-robin to the io threads, one io_context each.
class server {
 public:
  explicit server(server_config config);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();  ///< stop()

  /// Listens and starts the threads; the port listened on. Problem 500 `listen_failed` when the
  /// address can't be had, `tls_files_bad` as reload_tls().
  result<std::uint16_t> start(handler on_request);
  /// Takes what waits in the backlog and closes the listening socket.
  void stop_accepting();
  /// Stops accepting, closes idle connections, lets the others finish what they have begun. True
  /// when no connection was left before the limit.
  bool drain(std::chrono::milliseconds limit);
  /// Closes every connection and joins the threads. Responders called later do nothing.
  void stop();

  /// Reads the certificate and its key again. Connections to come get the new one, those that are
  /// open live on. Problem 500 `tls_files_bad` when the files can't be used (the old certificate
  /// stays then) or there is no HTTPS. Any thread, after start().
  result<certificate_info> reload_tls();
  /// What start() or reload_tls() read last; nothing without HTTPS.
  std::optional<certificate_info> certificate() const;

  server_counters counters() const;
  /// connections_max as it was set by start().
  std::size_t connections_limit() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stoa::http
