#include "bench/target.hpp"

#include <charconv>
#include <stdexcept>
#include <string>

namespace stoa::bench {

std::uint16_t loopback_port(std::string_view url) {
  auto rest = url;
  for (const std::string_view start : {"http://127.0.0.1:", "http://localhost:"}) {
    if (!rest.starts_with(start)) continue;
    rest.remove_prefix(start.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
    if (error == std::errc{} && end == rest.data() + rest.size() && port != 0) return port;
  }
  throw std::runtime_error("'" + std::string(url) +
                           "' is not http://127.0.0.1:PORT: load is only sent to this machine");
}

}  // namespace stoa::bench
