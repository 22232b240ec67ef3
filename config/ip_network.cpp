#include "config/ip_network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>

namespace stoa {

namespace {

constexpr std::uint64_t mapped_prefix = 0xffffULL << 32;
constexpr unsigned mapped_bits = 96;  ///< the prefix of IPv4-mapped addresses

std::uint64_t read_eight(const std::uint8_t* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | bytes[i];
  return number;
}

std::uint64_t first_bits(unsigned bits) {
  if (bits == 0) return 0;
  return bits >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> bits);
}

}  // namespace

ip_address ip_address::v4(const std::uint8_t* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  return {0, mapped_prefix | number};
}

ip_address ip_address::v6(const std::uint8_t* bytes) {
  return {read_eight(bytes), read_eight(bytes + 8)};
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};  // inet_pton needs a terminating zero
  if (text.empty() || text.size() >= copy.size() || text.find('\0') != text.npos)
    return std::nullopt;
  text.copy(copy.data(), text.size());
  std::array<std::uint8_t, 16> bytes{};
  if (text.find(':') != text.npos) {
    if (inet_pton(AF_INET6, copy.data(), bytes.data()) != 1) return std::nullopt;
    return v6(bytes.data());
  }
  if (inet_pton(AF_INET, copy.data(), bytes.data()) != 1) return std::nullopt;
  return v4(bytes.data());
}

std::string ip_address::str() const {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<ip_network> ip_network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto written = text.substr(0, slash);
  const auto base = ip_address::parse(written);
  if (!base) return std::nullopt;
  const bool is_dotted = written.find(':') == written.npos;
  unsigned bits = is_dotted ? 32 : 128;
  if (slash != text.npos) {
    const auto length = text.substr(slash + 1);
    unsigned given = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), given);
    if (error != std::errc{} || end != length.data() + length.size() || given > bits ||
        (length.size() > 1 && length.front() == '0')) {
      return std::nullopt;
    }
    bits = given;
  }
  if (is_dotted) bits += mapped_bits;
  ip_network n;
  n.base_ = *base;
  n.mask_ = {first_bits(bits), bits > 64 ? first_bits(bits - 64) : 0};
  const bool has_more_bits = (base->high & ~n.mask_.high) != 0 || (base->low & ~n.mask_.low) != 0;
  if (has_more_bits) return std::nullopt;
  return n;
}

std::vector<ip_network> parse_networks(const std::vector<std::string>& texts) {
  std::vector<ip_network> networks;
  for (const auto& text : texts) {
    if (const auto n = ip_network::parse(text)) networks.push_back(*n);
  }
  return networks;
}

bool contains(const std::vector<ip_network>& networks, const ip_address& a) {
  return std::ranges::any_of(networks, [&](const ip_network& n) { return n.contains(a); });
}

}  // namespace stoa
