#pragma once
// Which addresses requests may go to when the target comes from a user (server-side request
// forgery).

#include "config/ip_network.hpp"

namespace stoa::outbound {

/// Whether the address is globally reachable: none of the private, loopback, link-local, shared,
/// documentation, multicast and reserved ones (IANA's special-purpose address registries, RFC
/// 6890). An IPv6 address that contains an IPv4 address (NAT64, RFC 6052) is as public as that one;
/// tunnels (6to4, Teredo) are not public.
bool is_public(const ip_address& a);

}  // namespace stoa::outbound
