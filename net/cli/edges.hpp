#pragma once
// The HTTP servers of `stoa serve`: that of the store, and with http.admin_listen one for
// operators.

#include "net/front/access_log.hpp"
#include "net/front/front.hpp"
#include "net/http/server.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace stoa {
struct settings;
}

namespace stoa::cli {

/// Host and port of a listen address; an IPv6 address without its brackets.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};
listen_address parse_listen_address(const std::string& text);

/// The io threads of the store's server.
std::size_t io_threads_of(const settings& s);

class edges {
 public:
  /// `front` and the access log, if there is one, outlive the servers.
  edges(const settings& s, front::front_end& front, front::access_log* access);

  /// Starts both. False when one can't listen, which is logged.
  bool start();
  /// Reads the certificate again.
  void reload_certificate();
  /// No new connections for the store; what is in flight ends. True when all was answered in time.
  /// The operators' server goes on.
  bool drain(std::chrono::milliseconds limit);
  void stop();

 private:
  bool start(http::server& server, const std::string& address, front::listener where,
             const char* message);

  const settings& settings_;
  front::front_end& front_;
  http::server store_;
  std::optional<http::server> admin_;
};

}  // namespace stoa::cli
