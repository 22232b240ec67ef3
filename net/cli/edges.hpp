#pragma once
// The HTTP listeners of `stoa serve`: the store's, and an admin listener if http.admin_listen is
// set.

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

/// The number of IO threads of the store's listener.
std::size_t io_threads_of(const settings& s);

class edges {
 public:
  /// `front` and the optional access log must outlive the listeners.
  edges(const settings& s, front::front_end& front, front::access_log* access);

  /// Starts both. Returns false, and logs the reason, when one cannot listen.
  bool start();
  /// Reloads the certificate.
  void reload_certificate();
  /// Stops accepting store connections and waits for requests in flight. True when all were
  /// answered in time. The admin listener keeps running.
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
