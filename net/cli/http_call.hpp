#pragma once
// HTTP calls of subcommands: blocking calls of the outbound HTTP client.

#include "net/outbound/http_client.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace stoa::cli {

/// The address of a server.
struct server_address {
  std::string host;  ///< name or address; an IPv6 address without brackets
  std::string port;
  bool tls = false;
  /// Whether to verify that the certificate is valid for the host, by OpenSSL's authorities
  /// (SSL_CERT_FILE adds some).
  bool check_certificate = true;
};

/// Parses "http://host:port" or "https://host:port"; the port is optional. Throws
/// std::invalid_argument with the reason for anything else, such as a path or user info.
server_address parse_server_address(const std::string& url);

struct http_request {
  std::string method = "GET";
  std::string target;
  std::string body{};                             ///< empty: none
  std::string content_type = "application/json";  ///< of the body
  std::vector<std::pair<std::string, std::string>> headers{};
};

using http_reply = outbound::response;

/// Maximum response size of http_call.
inline constexpr std::size_t answer_bytes_max = 16UL * 1024 * 1024;

/// There is no response. The text names the server.
class no_reply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Waits for the whole response, at most `limit`. Throws no_reply on failure.
http_reply http_call(const server_address& place, const http_request& question,
                     std::chrono::milliseconds limit);

}  // namespace stoa::cli
