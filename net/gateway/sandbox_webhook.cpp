#include "net/gateway/sandbox_webhook.hpp"

#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <array>
#include <charconv>
#include <optional>

namespace stoa::gateways {

namespace {

struct event_data {
  std::optional<std::string> payment_id;
  std::optional<std::string> order_id;
};
BOOST_DESCRIBE_STRUCT(event_data, (), (payment_id, order_id))

struct event_body {
  std::string id;
  std::string type;
  event_data data;
};
BOOST_DESCRIBE_STRUCT(event_body, (), (id, type, data))

struct signature_parts {
  std::string_view time;
  std::string_view hash;
  std::int64_t seconds = 0;
};

std::optional<signature_parts> parse(std::string_view field) {
  constexpr std::string_view time_name = "t=";
  constexpr std::string_view hash_name = ",v1=";
  const auto comma = field.find(hash_name);
  if (!field.starts_with(time_name) || comma == std::string_view::npos) return std::nullopt;
  signature_parts parts;
  parts.time = field.substr(time_name.size(), comma - time_name.size());
  parts.hash = field.substr(comma + hash_name.size());
  const auto* end = parts.time.data() + parts.time.size();
  const auto [stop, error] = std::from_chars(parts.time.data(), end, parts.seconds);
  constexpr std::int64_t seconds_max = 1LL << 40;  // far from an overflow in microseconds
  if (error != std::errc{} || stop != end || parts.seconds < 0 || parts.seconds > seconds_max) {
    return std::nullopt;
  }
  return parts;
}

std::string hash_of(std::string_view key, std::string_view time, std::string_view body) {
  std::string signed_text(time);
  signed_text.append(".").append(body);
  const auto* bytes = reinterpret_cast<const unsigned char*>(signed_text.data());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> hash{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, bytes, signed_text.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  return text::hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace

std::string sandbox_webhook_key(std::string_view server_secret) {
  return text::keyed_hash(server_secret, "sandbox webhooks");
}

std::string sign_sandbox_webhook(std::string_view key, std::string_view body, timestamp now) {
  const auto time = std::to_string(now.us / 1'000'000);
  return "t=" + time + ",v1=" + hash_of(key, time, body);
}

result<payment::webhook_event> sandbox_webhooks::read(std::string_view body,
                                                      std::string_view signature,
                                                      timestamp now) const {
  const auto parts = parse(signature);
  if (!parts || !text::equal_secret(hash_of(key_, parts->time, body), parts->hash)) {
    return payment::webhook_rejected("webhook_signature_invalid",
                                     "The signature does not match the body.");
  }
  if (auto expired = payment::check_webhook_time({parts->seconds * 1'000'000}, now)) {
    return std::move(*expired);
  }
  const auto event = json::read_lenient<event_body>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  return payment::webhook_event{event->id, event->type, event->data.payment_id.value_or(""),
                                event->data.order_id.value_or("")};
}

}  // namespace stoa::gateways
