#pragma once
// Tokens that are derived from an id: base64url(id) "." base64url(BLAKE2b keyed with a secret).
// The token cannot be derived from the id without the secret.

#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa {

inline constexpr std::size_t id_token_bytes_max = 128;

/// `key` has 16 to 64 bytes. The purpose separates the kinds of tokens that use the same key.
std::string make_id_token(std::string_view key, std::string_view purpose, const uuid& id);

/// Empty when the token was not created with this key and purpose.
std::optional<uuid> check_id_token(std::string_view key, std::string_view purpose,
                                   std::string_view token);

}  // namespace stoa
