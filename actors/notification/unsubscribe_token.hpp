#pragma once
// The token in the link that unsubscribes the recipient of a notification. It grants nothing else,
// because mail servers and programs log and follow links.

#include "storage/base/id_token.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::notification {

inline constexpr std::string_view unsubscribe_purpose = "unsubscribe_token";

/// `key` is the server's secret.
inline std::string make_unsubscribe_token(std::string_view key, stoa::notification_id id) {
  return make_id_token(key, unsubscribe_purpose, id.value);
}

/// Empty when the token was not created with this key.
inline std::optional<stoa::notification_id> check_unsubscribe_token(std::string_view key,
                                                                    std::string_view token) {
  const auto id = check_id_token(key, unsubscribe_purpose, token);
  return id ? std::optional(stoa::notification_id{*id}) : std::nullopt;
}

}  // namespace stoa::notification
