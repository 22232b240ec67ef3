#pragma once
// The one HTTP client for requests to other servers: HTTP/1.1 over TCP or TLS, connections kept
// alive and pooled. Transfers run on one thread by libcurl's multi interface; callers never block.
//
// It follows no redirects, sends no cookies, decodes no content codings, and ignores proxies,
// .netrc and credentials of the environment. A request is sent once; retries are up to the caller,
// with one exception: when a pooled connection turns out to be closed, a request with an idempotent
// method (RFC 9110, section 9.2.2) is sent again on a new one.
//
// Each purpose (a payment gateway, webhooks) has a separate client with separate limits, so that
// slow receivers of webhooks do not use the connections of payments.

#include "config/ip_network.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Registry;
}

namespace stoa::outbound {

/// The outcome of a request. The names (name_of) are used in metric labels and log fields.
enum class outcome {
  completed,         ///< a response was received, with any status
  invalid_request,   ///< the URL, the method or a header cannot be sent
  not_allowed,       ///< the host is not in allowed_hosts, or its address is not allowed
  overloaded,        ///< the queue is full
  unresolved,        ///< the host name cannot be resolved
  unreachable,       ///< no TCP connection
  tls_failed,        ///< no TLS connection, or the certificate is not valid for the host
  timed_out,         ///< a deadline was exceeded
  connection_lost,   ///< closed, reset or malformed chunks before the end of the response
  invalid_response,  ///< not HTTP/1.x, or malformed
  too_large,         ///< the response exceeds a limit
  canceled,          ///< by cancel(), or because the client is stopping
};
inline constexpr std::size_t outcome_count = 12;
std::string_view name_of(outcome o);

using header_list = std::vector<std::pair<std::string, std::string>>;

struct request {
  std::string method = "GET";
  /// http or https, printable ASCII, without user information. The path is sent unchanged.
  std::string url;
  /// Host and Content-Length are set by the client.
  header_list headers{};
  std::string body{};
  std::chrono::milliseconds timeout{10'000};         ///< from submit() to the end of the response
  std::chrono::milliseconds connect_timeout{3'000};  ///< for name resolution, TCP and TLS
  std::size_t response_bytes_max = 1 << 20;          ///< of the body
  /// The status is all that counts: once the head of the response was received, the request is
  /// completed, with what was received of the body. A body that is too large, late, cut off or
  /// malformed is no failure.
  bool needs_head_only = false;
};

struct response {
  int status = 0;
  std::string status_line;
  header_list headers;  ///< excluding 1xx responses and trailers
  std::string body;

  /// The value of the first field of that name, case-insensitive; empty when there is none.
  std::string header(std::string_view name) const;
};

struct completion {
  outcome how = outcome::canceled;
  std::string detail;  ///< why there is no response, for display; of the URL only the host
  /// Whether the server may have received and processed the request: without a response, its effect
  /// is unknown.
  bool may_have_been_sent = false;
  response answer{};  ///< set for outcome::completed
};

struct client_config {
  std::string name = "default";  ///< the purpose, for metric labels and log fields
  /// Allowed host names or addresses, in lower case. Empty: all.
  std::vector<std::string> allowed_hosts{};
  /// Allowed networks in addition to public addresses (see is_public()). The address is checked
  /// when connecting, so that a later resolution of the name cannot bypass it.
  std::vector<ip_network> allowed_networks{};
  std::string ca_file{};  ///< PEM; empty: OpenSSL's defaults, which SSL_CERT_FILE overrides
  bool verify_certificates = true;
  std::size_t in_flight_max = 64;           ///< requests, and connections including idle ones
  std::size_t in_flight_per_host_max = 16;  ///< by scheme, host and port
  std::size_t queued_max = 1024;            ///< requests waiting due to the limits above
  std::size_t queued_bytes_max = 64 << 20;  ///< of their bodies
  std::size_t header_bytes_max = 64 << 10;  ///< of a response, 1xx responses and trailers included
  /// Older idle connections are not reused: shorter than most servers' timeouts (60 s or more).
  std::chrono::seconds idle_timeout{30};
  prometheus::Registry* metrics = nullptr;  ///< outlives the client; null: no metrics
};

class http_client {
 public:
  using id = std::uint64_t;
  /// Must neither block, nor throw, nor destroy the client.
  using callback = std::function<void(completion)>;

  /// Starts the thread. Throws std::runtime_error when the CA file cannot be read.
  explicit http_client(client_config config);
  /// Cancels open requests (outcome::canceled) and joins the thread.
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Calls `done` exactly once: on the client's thread, or before submit() returns when the request
  /// cannot be accepted (invalid_request, not_allowed, overloaded, canceled). Any thread.
  id submit(request r, callback done);
  /// Cancels the request (outcome::canceled) unless it has ended. Any thread.
  void cancel(id of);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stoa::outbound
