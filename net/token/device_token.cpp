#include "net/token/device_token.hpp"

#include "storage/base/text.hpp"

namespace stoa::token {

namespace {

constexpr std::string_view prefix = "dt_";
constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t content_bytes = 2 * number_bytes;

/// Big-endian, so that tokens are portable between machines.
void append_number(std::string& out, std::uint64_t n) {
  for (std::size_t i = 0; i < number_bytes; ++i) {
    out += static_cast<char>(n >> (8 * (number_bytes - 1 - i)) & 0xFF);
  }
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    n = n << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return n;
}

/// Serializes number and expiry.
std::string content_of(const device& d) {
  std::string out;
  append_number(out, d.number);
  append_number(out, static_cast<std::uint64_t>(d.expires_at.us));
  return out;
}

std::string mac_of(std::string_view secret, stoa::user_id account, std::string_view content) {
  return text::keyed_hash(secret, "device-token:" + account.str() + ":" + std::string(content))
      .substr(0, mac_bytes);
}

}  // namespace

std::string make_device_token(std::string_view secret, stoa::user_id account, const device& d) {
  const auto content = content_of(d);
  return std::string(prefix) + text::base64url(content + mac_of(secret, account, content));
}

std::optional<device> check_device_token(std::string_view secret, stoa::user_id account,
                                         std::string_view token, timestamp now) {
  if (!token.starts_with(prefix)) return std::nullopt;
  const auto bytes = text::from_base64url(token.substr(prefix.size()));
  if (!bytes || bytes->size() != content_bytes + mac_bytes) return std::nullopt;
  const auto content = std::string_view(*bytes).substr(0, content_bytes);
  const auto mac = std::string_view(*bytes).substr(content_bytes);
  if (!text::equal_secret(mac, mac_of(secret, account, content))) return std::nullopt;
  device d{number_at(content, 0), {static_cast<std::int64_t>(number_at(content, number_bytes))}};
  if (d.expires_at <= now) return std::nullopt;
  return d;
}

}  // namespace stoa::token
