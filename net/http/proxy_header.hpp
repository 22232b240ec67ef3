#pragma once
// The header of the PROXY protocol, versions 1 and 2, in which a TCP load balancer reports its
// client (haproxy.org/download/2.9/doc/proxy-protocol.txt).

#include "config/ip_network.hpp"
#include "net/http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

/// Maximum length of a version 1 header, CRLF included (section 2.1).
inline constexpr std::size_t proxy_line_bytes_max = 107;
/// Maximum accepted length of a version 2 header, extensions included.
inline constexpr std::size_t proxy_header_bytes_max = 2048;

/// Reads the header incrementally, and no byte after it.
class proxy_header_reader {
 public:
  /// The number of bytes at the front of `bytes`, the next ones of the connection, that belong to
  /// the header. 400 `invalid_proxy_header` as soon as they are not a valid header, specify another
  /// transport than TCP, or exceed the limits.
  result<std::size_t> take(std::string_view bytes);
  /// True when the header is complete.
  bool done() const { return done_; }
  /// The reported client; nothing for a connection of the proxy itself (LOCAL) or an unknown client
  /// (UNKNOWN, UNSPEC).
  const std::optional<ip_address>& client() const { return client_; }

 private:
  bool take_line(std::string_view bytes, std::size_t& taken);
  bool take_binary(std::string_view bytes, std::size_t& taken);
  bool read_line(std::string_view line);
  bool read_binary_start(std::size_t& length) const;
  bool read_binary();

  std::string header_;  ///< bytes consumed so far
  bool done_ = false;
  std::optional<ip_address> client_;
};

}  // namespace stoa::http
