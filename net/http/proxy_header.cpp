#include "net/http/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace stoa::http {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view line_start = "PROXY ";
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_bytes = 16;  ///< signature, version and command, family, length
constexpr std::size_t v4_bytes = 12;     ///< two addresses and two ports
constexpr std::size_t v6_bytes = 36;
constexpr std::size_t extension_head_bytes = 3;  ///< type and length

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port <= 65535 &&
         (text.size() == 1 || text.front() != '0');
}

/// The extensions must fill the rest of the header exactly (section 2.2).
bool are_extensions(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.size() < extension_head_bytes) return false;
    const std::size_t length = static_cast<std::size_t>(byte_at(bytes, 1)) << 8 | byte_at(bytes, 2);
    if (length > bytes.size() - extension_head_bytes) return false;
    bytes.remove_prefix(extension_head_bytes + length);
  }
  return true;
}

/// True when one is a prefix of the other.
bool agree(std::string_view a, std::string_view b) {
  const auto both = std::min(a.size(), b.size());
  return a.substr(0, both) == b.substr(0, both);
}

}  // namespace

result<std::size_t> proxy_header_reader::take(std::string_view bytes) {
  std::size_t taken = 0;
  if (bytes.empty() || done_) return {boost::system::in_place_value, taken};
  const char first = header_.empty() ? bytes.front() : header_.front();
  const bool good =
      first == signature.front() ? take_binary(bytes, taken) : take_line(bytes, taken);
  if (good) return {boost::system::in_place_value, taken};
  return problem{400,
                 "invalid_proxy_header",
                 "The connection does not begin with a valid PROXY protocol header.",
                 {}};
}

bool proxy_header_reader::take_line(std::string_view bytes, std::size_t& taken) {
  const auto lf = bytes.find('\n');
  taken = lf == bytes.npos ? bytes.size() : lf + 1;
  if (header_.size() + taken > proxy_line_bytes_max) return false;
  header_.append(bytes.substr(0, taken));
  if (!agree(header_, line_start)) return false;
  if (lf == bytes.npos) return header_.size() < proxy_line_bytes_max;
  if (!header_.ends_with("\r\n")) return false;
  done_ = true;
  return read_line(std::string_view(header_).substr(0, header_.size() - 2));
}

/// Section 2.1: "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443", or "PROXY UNKNOWN" and anything.
bool proxy_header_reader::read_line(std::string_view line) {
  if (line.find('\r') != line.npos) return false;
  line.remove_prefix(std::min(line_start.size(), line.size()));
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return true;
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto space = line.find(' ');
    if ((space == line.npos) != (i + 1 == parts.size())) return false;
    parts[i] = line.substr(0, space);
    line.remove_prefix(space == line.npos ? line.size() : space + 1);
  }
  const bool is_v4 = parts[0] == "TCP4";
  if (!is_v4 && parts[0] != "TCP6") return false;
  for (const std::size_t i : {1U, 2U}) {
    if ((parts[i].find(':') == std::string_view::npos) != is_v4) return false;
    if (!ip_address::parse(parts[i])) return false;
  }
  if (!is_port(parts[3]) || !is_port(parts[4])) return false;
  client_ = ip_address::parse(parts[1]);
  return true;
}

bool proxy_header_reader::take_binary(std::string_view bytes, std::size_t& taken) {
  while (taken < bytes.size() && !done_) {
    std::size_t wanted = fixed_bytes;
    if (header_.size() >= fixed_bytes && !read_binary_start(wanted)) return false;
    const auto piece = bytes.substr(taken, wanted - header_.size());
    header_.append(piece);
    taken += piece.size();
    if (!agree(header_, signature)) return false;
    if (header_.size() < fixed_bytes) return true;
    if (!read_binary_start(wanted)) return false;
    if (header_.size() < wanted) continue;
    done_ = true;
    return read_binary();
  }
  return true;
}

/// Checks the version (2) and that the length is within the limit; `length` becomes that of the
/// whole header.
bool proxy_header_reader::read_binary_start(std::size_t& length) const {
  if (byte_at(header_, 12) >> 4 != 2) return false;
  length =
      fixed_bytes + (static_cast<std::size_t>(byte_at(header_, 14)) << 8 | byte_at(header_, 15));
  return length <= proxy_header_bytes_max;
}

bool proxy_header_reader::read_binary() {
  const auto command = byte_at(header_, 12) & 0x0f;
  if (command == 0) return true;  // LOCAL: ignore the rest
  if (command != 1) return false;
  const auto content = std::string_view(header_).substr(fixed_bytes);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
  switch (byte_at(header_, 13)) {
    case 0x00:  // UNSPEC
      return true;
    case 0x11:  // TCP over IPv4
      if (content.size() < v4_bytes || !are_extensions(content.substr(v4_bytes))) return false;
      client_ = ip_address::v4(bytes);
      return true;
    case 0x21:  // TCP over IPv6
      if (content.size() < v6_bytes || !are_extensions(content.substr(v6_bytes))) return false;
      client_ = ip_address::v6(bytes);
      return true;
    default:
      return false;
  }
}

}  // namespace stoa::http
