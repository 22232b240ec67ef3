#include "net/gateway/webhook_signature.hpp"

#include "actors/payment/gateway.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace stoa::gateways {

namespace {

constexpr std::size_t hashes_max = 16;

struct signature_parts {
  std::string_view time;
  std::vector<std::string_view> hashes;
  std::int64_t seconds = 0;
};

std::optional<std::int64_t> seconds_of(std::string_view text) {
  constexpr std::int64_t seconds_max = 1LL << 40;  // far from an overflow in microseconds
  std::int64_t seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || stop != end || seconds < 0 || seconds > seconds_max) {
    return std::nullopt;
  }
  return seconds;
}

std::optional<signature_parts> parse(std::string_view field) {
  signature_parts parts;
  while (!field.empty()) {
    const auto comma = std::min(field.find(','), field.size());
    const auto item = field.substr(0, comma);
    field.remove_prefix(std::min(comma + 1, field.size()));
    if (item.starts_with("t=")) {
      if (!parts.time.empty()) return std::nullopt;
      parts.time = item.substr(2);
    } else if (item.starts_with("v1=")) {
      if (parts.hashes.size() == hashes_max) return std::nullopt;
      parts.hashes.push_back(item.substr(3));
    }
  }
  const auto seconds = seconds_of(parts.time);
  if (!seconds) return std::nullopt;
  parts.seconds = *seconds;
  return parts;
}

std::string hash_of(std::string_view secret, std::string_view time, std::string_view body) {
  std::string signed_text(time);
  signed_text.append(".").append(body);
  const auto* bytes = reinterpret_cast<const unsigned char*>(signed_text.data());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> hash{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, bytes, signed_text.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  return text::hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

/// Compares all pairs, so that the time does not depend on which one is equal.
bool is_signed(std::span<const std::string> secrets, std::string_view body,
               const signature_parts& parts) {
  bool valid = false;
  for (const auto& secret : secrets) {
    const auto expected = hash_of(secret, parts.time, body);
    for (const auto hash : parts.hashes) {
      const bool equal = text::equal_secret(expected, hash);
      valid = valid || equal;
    }
  }
  return valid;
}

}  // namespace

std::string sign_webhook(std::string_view secret, std::string_view body, timestamp now) {
  const auto time = std::to_string(now.us / 1'000'000);
  return "t=" + time + ",v1=" + hash_of(secret, time, body);
}

result<void> verify_webhook(std::span<const std::string> secrets, std::string_view body,
                            std::string_view field, timestamp now) {
  const auto parts = parse(field);
  if (!parts || (!is_signed(secrets, body, *parts) && !fault("forged_webhook"))) {
    return payment::webhook_rejected("webhook_signature_invalid",
                                     "The signature does not match the body.");
  }
  if (auto expired = payment::check_webhook_time({parts->seconds * 1'000'000}, now)) {
    return std::move(*expired);
  }
  return {};
}

}  // namespace stoa::gateways
