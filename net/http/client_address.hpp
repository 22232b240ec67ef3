#pragma once
// Which client a request comes from: the address of the peer, or the one that a trusted proxy
// reports. Limits per address count by it, and the log shows it.

#include "config/ip_network.hpp"
#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoa::http {

/// The field in which trusted proxies report the client. The other one is never read: a proxy that
/// does not set it passes on what the client has sent.
enum class forwarded_field {
  none,
  x_forwarded_for,
  forwarded  ///< RFC 7239
};

struct address_rules {
  /// Peers whose forwarded field counts. Their own connections have no limit per address.
  std::vector<ip_network> trusted_proxies{};
  forwarded_field field = forwarded_field::x_forwarded_for;
  /// Connections of trusted proxies begin with a header of the PROXY protocol; those of others must
  /// not.
  bool proxy_protocol = false;
  /// Clients that limits per address do not apply to.
  std::vector<ip_network> exempt{};
};

/// What limits per address count by: IPv4 addresses in full, IPv6 addresses by their first 64 bits,
/// for a customer has at least a /64 (RFC 6177). IPv4 keys are those of 0:ffff::/32, which is
/// reserved (RFC 4291).
enum class client_key : std::uint64_t {};

inline client_key key_of(const ip_address& client) {
  return client_key{client.is_v4() ? client.low : client.high};
}

/// Seeded once a process: clients cannot choose addresses that meet in one bucket.
struct client_key_hash {
  std::size_t operator()(client_key key) const noexcept;
};

/// The client of a request with these fields that comes from `hop`. While the hop is a trusted
/// proxy, the field's next entry, from the right, is the next hop: so entries that the client has
/// written itself do not count. The walk ends at an entry that tells no address ("unknown" or a
/// name that begins with '_'). 400 `invalid_forwarded_field` when an entry that a trusted proxy
/// reports is malformed, or with RFC 7239 one of its field lines.
result<ip_address> find_client(const header_list& headers, const ip_address& hop,
                               const address_rules& rules);

}  // namespace stoa::http
