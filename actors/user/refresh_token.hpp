#pragma once
// Refresh tokens: base64url(family) "." generation "." base64url(BLAKE2b keyed with the server's
// secret over both). A token cannot be derived from the database.

#include "storage/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::user {

/// The content of a genuine refresh token; the session's record decides whether it is still valid.
struct refresh_claim {
  session_id family;
  std::int64_t generation = 0;

  bool operator==(const refresh_claim&) const = default;
};

inline constexpr std::size_t refresh_token_bytes_max = 128;

/// `key` is the server's secret, 16 to 64 bytes.
std::string make_refresh_token(std::string_view key, const refresh_claim& claim);

/// Empty when the token was not created with this key.
std::optional<refresh_claim> check_refresh_token(std::string_view key, std::string_view text);

}  // namespace stoa::user
