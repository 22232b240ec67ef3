#pragma once
// The client address of a request: that of the peer, or the one reported by a trusted proxy. Used
// by limits per address and the log.

#include "config/ip_network.hpp"
#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoa::http {

/// The field in which trusted proxies report the client. The other field is never read: a proxy
/// that does not set it forwards what the client has sent.
enum class forwarded_field {
  none,
  x_forwarded_for,
  forwarded  ///< RFC 7239
};

struct address_rules {
  /// Peers whose forwarded field is trusted. Their own connections have no limit per address.
  std::vector<ip_network> trusted_proxies{};
  forwarded_field field = forwarded_field::x_forwarded_for;
  /// Connections of trusted proxies begin with a PROXY protocol header; other connections must not.
  bool proxy_protocol = false;
  /// Clients exempt from limits per address.
  std::vector<ip_network> exempt{};
};

/// The key of limits per address: IPv4 addresses in full, IPv6 addresses by their first 64 bits,
/// because a customer has at least a /64 (RFC 6177). IPv4 keys are those of 0:ffff::/32, which is
/// reserved (RFC 4291).
enum class client_key : std::uint64_t {};

inline client_key key_of(const ip_address& client) {
  return client_key{client.is_v4() ? client.low : client.high};
}

/// Seeded once per process: clients cannot choose addresses that collide.
struct client_key_hash {
  std::size_t operator()(client_key key) const noexcept;
};

/// The client of a request with these fields that was received from `hop`. While the hop is a
/// trusted proxy, the field's next entry, from the right, is the next hop; entries that the client
/// has written itself are not used. The walk ends at an entry without an address ("unknown" or a
/// name that begins with '_'). 400 `invalid_forwarded_field` when an entry from a trusted proxy is
/// malformed, or with RFC 7239 one of its field lines.
result<ip_address> find_client(const header_list& headers, const ip_address& hop,
                               const address_rules& rules);

}  // namespace stoa::http
