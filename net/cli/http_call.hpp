#pragma once
// How subcommands call a server: a blocking call of the outbound HTTP client.

#include "net/outbound/http_client.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace stoa::cli {

/// Where a server is.
struct http_place {
  std::string host;  ///< name or address; an IPv6 address without brackets
  std::string port;
  bool tls = false;
  /// Whether the certificate must be valid for the host, by the authorities that OpenSSL knows
  /// (SSL_CERT_FILE adds some).
  bool check_certificate = true;
};

/// The place that "http://host:port" or "https://host:port" names; the port may be left out. Throws
/// std::invalid_argument with the reason for anything else, such as a path or a user.
http_place parse_http_place(const std::string& url);

struct http_question {
  std::string method = "GET";
  std::string target;
  std::string body{};                             ///< empty: none
  std::string content_type = "application/json";  ///< of the body
  std::vector<std::pair<std::string, std::string>> headers{};
};

using http_reply = outbound::response;

/// Longest answer that http_call takes.
inline constexpr std::size_t answer_bytes_max = 16UL * 1024 * 1024;

/// Waits for the whole response, `limit` at most. Throws std::runtime_error with the reason when
/// there is none.
http_reply http_call(const http_place& place, const http_question& question,
                     std::chrono::milliseconds limit);

}  // namespace stoa::cli
