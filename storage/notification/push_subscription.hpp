#pragma once
// Browsers to which push messages are sent (Push API, RFC 8030).

#include "storage/db/records.hpp"

namespace stoa::notification {

using subscription_id = stoa::id<struct push_subscription_tag>;

/// A browser's subscription. Who knows the endpoint may send to it, but only the subscribed key
/// (VAPID) is accepted, and only the browser can decrypt the message.
struct push_subscription_row {
  static constexpr const char* table = "push_subscriptions";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  notification::subscription_id subscription_id;  ///< subscription_of(endpoint)
  stoa::user_id user_id;
  std::string endpoint;  ///< an https URL at the browser's push service
  std::string p256dh;    ///< the browser's public key (RFC 8291), base64url
  std::string auth;      ///< the shared secret (RFC 8291), base64url
  timestamp created_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(push_subscription_row, (),
                      (subscription_id, user_id, endpoint, p256dh, auth, created_at, version))

/// The id of the subscription with that endpoint: a UUIDv8 (RFC 9562) from its hash.
notification::subscription_id subscription_of(std::string_view endpoint);

}  // namespace stoa::notification
