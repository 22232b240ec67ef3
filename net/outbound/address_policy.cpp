#include "net/outbound/address_policy.hpp"

#include <algorithm>

namespace stoa::outbound {

namespace {

/// 168.63.129.16 is not reserved, but leads to the platform's services in each machine at Azure.
const std::vector<ip_network>& special_v4() {
  static const auto networks =
      parse_networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
                      "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
                      "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                      "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return networks;
}

/// Special networks within 2000::/3; no addresses outside of it are assigned.
const std::vector<ip_network>& special_v6() {
  static const auto networks =
      parse_networks({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
  return networks;
}

}  // namespace

bool is_public(const ip_address& a) {
  if (a.is_v4()) return !contains(special_v4(), a);
  static const auto nat64 = *ip_network::parse("64:ff9b::/96");
  static const auto global = *ip_network::parse("2000::/3");
  if (nat64.contains(a)) return is_public({0, 0xffff'0000'0000U | (a.low & 0xffff'ffffU)});
  return global.contains(a) && !contains(special_v6(), a);
}

bool are_allowed(const std::vector<ip_address>& all, const std::vector<ip_network>& allowed) {
  return std::ranges::all_of(
      all, [&](const ip_address& a) { return is_public(a) || contains(allowed, a); });
}

}  // namespace stoa::outbound
