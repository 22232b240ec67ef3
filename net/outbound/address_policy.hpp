#pragma once
// Allowed target addresses of outbound requests (protection against server-side request forgery).

#include "config/ip_network.hpp"

#include <vector>

namespace stoa::outbound {

/// Whether the address is globally reachable, that is, not private, loopback, link-local, shared,
/// documentation, multicast or reserved (IANA's special-purpose address registries, RFC 6890). An
/// IPv6 address with an embedded IPv4 address (NAT64, RFC 6052) is public if that one is; tunnels
/// (6to4, Teredo) are not public.
bool is_public(const ip_address& a);

/// Whether each address is public or in one of the networks.
bool are_allowed(const std::vector<ip_address>& all, const std::vector<ip_network>& allowed);

}  // namespace stoa::outbound
