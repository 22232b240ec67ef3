#pragma once
// A small HTTP client for the subcommands that ask a server: one request a connection, with a limit
// on time and on the answer's size.

#include <chrono>
#include <string>
#include <string_view>
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

struct http_reply {
  int status = 0;
  std::string status_line;
  std::string head;  ///< the status line and the header fields, as received
  std::string body;

  /// The value of the first field of that name, in any case; empty when there is none.
  std::string header(std::string_view name) const;
};

/// Longest answer that http_call takes.
inline constexpr std::size_t answer_bytes_max = 16UL * 1024 * 1024;

/// Asks and waits for the whole answer. Throws std::runtime_error with the reason when there is
/// none within the limit, or when it is no answer of HTTP/1.1. Looking a host name up has the
/// limits of the system's resolver.
http_reply http_call(const http_place& place, const http_question& question,
                     std::chrono::milliseconds limit);

}  // namespace stoa::cli
