#pragma once
// Where the load goes: to this machine only.

#include <cstdint>
#include <string_view>

namespace stoa::bench {

/// The port of http://127.0.0.1:PORT or http://localhost:PORT. Throws std::runtime_error for
/// anything else: a load generator must not be pointed at somebody else's server.
std::uint16_t loopback_port(std::string_view url);

}  // namespace stoa::bench
