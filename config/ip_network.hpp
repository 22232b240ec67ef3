#pragma once
// IP addresses and networks in binary form.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (::ffff:192.0.2.1; RFC 4291,
/// section 2.5.5.2), as a dual-stack socket reports it, is the IPv4 address.
struct ip_address {
  std::uint64_t high = 0;  ///< the first 8 bytes; 0 for IPv4
  std::uint64_t low = 0;   ///< the last 8 bytes; 0x0000ffff and the address for IPv4

  /// From 4 or 16 bytes in network order.
  static ip_address v4(const std::uint8_t* bytes);
  static ip_address v6(const std::uint8_t* bytes);
  /// The text forms that inet_pton(3) accepts: no leading zeros, no zone, no brackets.
  static std::optional<ip_address> parse(std::string_view text);

  bool is_v4() const { return high == 0 && low >> 32 == 0xffff; }
  std::string str() const;
  friend bool operator==(const ip_address&, const ip_address&) = default;
};

/// A network in CIDR notation (RFC 4632, RFC 4291).
class ip_network {
 public:
  /// "10.0.0.0/8", "fd00::/8", or one address. Empty if the text is malformed or has host bits set.
  static std::optional<ip_network> parse(std::string_view text);

  /// IPv4 networks contain only IPv4 addresses, IPv6 networks only IPv6 addresses.
  bool contains(const ip_address& a) const {
    return ((a.high ^ base_.high) & mask_.high) == 0 && ((a.low ^ base_.low) & mask_.low) == 0 &&
           a.is_v4() == base_.is_v4();
  }

 private:
  ip_address base_;
  ip_address mask_;
};

/// The networks of a validated list setting; malformed elements are skipped.
std::vector<ip_network> parse_networks(const std::vector<std::string>& texts);

/// True when one of the networks contains the address.
bool contains(const std::vector<ip_network>& networks, const ip_address& a);

}  // namespace stoa
