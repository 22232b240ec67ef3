#include "bench/target.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <stdexcept>

namespace stoa::bench {
namespace {

struct url_parts {
  bool tls = false;
  std::string host;
  std::string port;
};

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == ':';
}

/// No user, path or query.
url_parts parts_of(std::string_view url) {
  const auto fail = [&]() -> url_parts {
    throw std::runtime_error("'" + std::string(url) +
                             "' is not http://HOST:PORT or https://HOST:PORT");
  };
  auto rest = url;
  url_parts p;
  p.tls = rest.starts_with("https://");
  if (!p.tls && !rest.starts_with("http://")) return fail();
  rest.remove_prefix(p.tls ? 8 : 7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  if (colon == rest.npos || colon == 0) return fail();
  auto host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  p.host = host;
  p.port = rest.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(p.port.data(), p.port.data() + p.port.size(), number);
  const bool is_port = error == std::errc{} && end == p.port.data() + p.port.size() && number != 0;
  if (!is_port || p.host.empty() || !std::ranges::all_of(p.host, is_host_character)) return fail();
  return p;
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24U == 127;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return address.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0;
}

}  // namespace

target::target(std::uint16_t port) : server(port), authority("127.0.0.1:" + std::to_string(port)) {}

std::string host_field(std::string_view authority) {
  return "Host: " + std::string(authority) + "\r\n";
}

std::string with_fields(std::string requests, std::string_view fields) {
  static constexpr std::string_view usual = "Host: 127.0.0.1\r\n";
  for (auto at = requests.find(usual); at != std::string::npos;
       at = requests.find(usual, at + fields.size())) {
    requests.replace(at, usual.size(), fields);
  }
  return requests;
}

target target_of(const target_options& options) {
  const auto parts = parts_of(options.url);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
  if (code != 0) {
    throw std::runtime_error(parts.host + ": " + ::gai_strerror(code));
  }
  if (!options.own_host && !is_loopback(*found->ai_addr)) {
    throw std::runtime_error("'" + options.url +
                             "' is another machine. Load is only sent to this machine, unless "
                             "--i-own-this-host confirms that you may load the other one");
  }
  const bool is_v6 = parts.host.find(':') != std::string::npos;
  target t(test::load_target(*found->ai_addr, found->ai_addrlen),
           (is_v6 ? "[" + parts.host + "]" : parts.host) + ":" + parts.port);
  t.server.host = parts.host;
  if (parts.tls) {
    t.server.tls = std::make_shared<test::load_tls_context>(options.ca_file, options.insecure);
  }
  return t;
}

}  // namespace stoa::bench
