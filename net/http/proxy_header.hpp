#pragma once
// The header of the PROXY protocol, versions 1 and 2, by which a TCP load balancer reports its
// client (haproxy.org/download/2.9/doc/proxy-protocol.txt).

#include "config/ip_network.hpp"
#include "net/http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

/// Longest header of version 1, its CRLF included (section 2.1).
inline constexpr std::size_t proxy_line_bytes_max = 107;
/// Longest header of version 2 that is read, its extensions included.
inline constexpr std::size_t proxy_header_bytes_max = 2048;

/// Takes the header piece by piece and never a byte that stands behind it.
class proxy_header_reader {
 public:
  /// How many of the bytes, the next ones of the connection, belong to the header. 400
  /// `invalid_proxy_header` as soon as they can't be a header, name another transport than TCP, or
  /// are longer than the limits.
  result<std::size_t> take(std::string_view bytes);
  /// True when the header is complete.
  bool done() const { return done_; }
  /// Whom the header names; nothing when the proxy speaks for itself (LOCAL) or does not know
  /// (UNKNOWN, UNSPEC).
  const std::optional<ip_address>& client() const { return client_; }

 private:
  bool take_line(std::string_view bytes, std::size_t& taken);
  bool take_binary(std::string_view bytes, std::size_t& taken);
  bool read_line(std::string_view line);
  bool read_binary_start(std::size_t& length) const;
  bool read_binary();

  std::string header_;  ///< what has been taken
  bool done_ = false;
  std::optional<ip_address> client_;
};

}  // namespace stoa::http
