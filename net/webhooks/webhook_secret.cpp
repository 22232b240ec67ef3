#include "net/webhooks/webhook_secret.hpp"

#include "net/mail/coding.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <array>

namespace stoa::webhook {

namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t key_bytes = 32;
/// The range that the specification allows.
constexpr std::size_t key_bytes_min = 24;
constexpr std::size_t key_bytes_max = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string make_secret() {
  return std::string(prefix) + mail::base64(text::random_bytes(key_bytes));
}

std::optional<std::string> key_of(std::string_view secret) {
  if (!secret.starts_with(prefix)) return std::nullopt;
  secret.remove_prefix(prefix.size());
  std::string key(key_bytes_max, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const bool is_base64 =
      sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), secret.data(),
                        secret.size(), nullptr, &length, &end, sodium_base64_VARIANT_ORIGINAL) == 0;
  if (!is_base64 || end != secret.data() + secret.size() || length < key_bytes_min) {
    return std::nullopt;
  }
  key.resize(length);
  return key;
}

std::string sign(std::string_view key, std::string_view message_id, std::int64_t seconds,
                 std::string_view body) {
  const auto head = std::string(message_id) + "." + std::to_string(seconds) + ".";
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> hash{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(head), head.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(body), body.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  return "v1," + mail::base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace stoa::webhook
