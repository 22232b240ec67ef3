#pragma once
// Addresses of nodes. For actors/kernel/*.cpp only.

#include <compare>
#include <cstdint>
#include <netdb.h>
#include <string>
#include <sys/socket.h>

namespace stoa::kernel {

struct address {
  std::string host;  ///< a name, or numeric without brackets
  std::uint16_t port = 0;
  auto operator<=>(const address&) const = default;
  std::string str() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  }
};

/// Splits host:port or [host]:port, which the settings have validated.
inline address split_address(const std::string& text) {
  auto colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

/// Calls `body` with each socket address of the name; false when it has none.
template <class Body>
bool each_address(const address& name, Body body) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(name.host.c_str(), std::to_string(name.port).c_str(), &hints, &list) != 0) {
    return false;
  }
  for (const addrinfo* a = list; a; a = a->ai_next) body(*a);
  ::freeaddrinfo(list);
  return true;
}

/// True for 127.0.0.0/8 and ::1.
bool is_loopback(const sockaddr_storage& a);

}  // namespace stoa::kernel
