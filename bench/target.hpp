#pragma once
// The target of the load: only this machine.

#include <cstdint>
#include <string_view>

namespace stoa::bench {

/// The port of http://127.0.0.1:PORT or http://localhost:PORT. Throws std::runtime_error for
/// anything else, so that no other server can be loaded by mistake.
std::uint16_t loopback_port(std::string_view url);

}  // namespace stoa::bench
