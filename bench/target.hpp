#pragma once
// The target of the load.

#include "tests/support/load_loop.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::bench {

struct target_options {
  std::string url = "http://127.0.0.1:8080";
  bool own_host = false;  ///< the target may be on another machine
  std::string ca_file;    ///< trusted certificates; empty: the system's
  bool insecure = false;  ///< any certificate is accepted
};

struct target {
  /// On this machine, without TLS.
  target(std::uint16_t port);  // NOLINT(google-explicit-constructor): the usual one
  target(test::load_target at, std::string name)
      : server(std::move(at)), authority(std::move(name)) {}

  test::load_target server;
  std::string authority;  ///< host and port, for the Host field (RFC 9110, section 7.2)
};

/// The server of http://HOST:PORT or https://HOST:PORT. Throws std::runtime_error for anything
/// else, for a host without an address, and, without `own_host`, for an address that is not this
/// machine's, so that no other server is loaded by mistake.
target target_of(const target_options& options);

/// "Host: ..." with its end of line.
std::string host_field(std::string_view authority);
/// The requests of request_text() with these fields instead of Host.
std::string with_fields(std::string requests, std::string_view fields);

}  // namespace stoa::bench
