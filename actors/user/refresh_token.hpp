#pragma once
// Refresh tokens: base64url(family) "." generation "." base64url(BLAKE2b keyed with the server's
// secret over both). The database holds nothing that a token could be made of.

#include "storage/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::user {

/// What a genuine refresh token says; whether it is good still is for the session's record to say.
struct refresh_claim {
  session_id family;
  std::int64_t generation = 0;

  bool operator==(const refresh_claim&) const = default;
};

inline constexpr std::size_t refresh_token_bytes_max = 128;

/// `key` is the server's secret, 16 to 64 bytes.
std::string make_refresh_token(std::string_view key, const refresh_claim& claim);

/// Nothing for a text that was not made with this key.
std::optional<refresh_claim> check_refresh_token(std::string_view key, std::string_view text);

}  // namespace stoa::user
