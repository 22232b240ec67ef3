#pragma once
// The token in a mail that confirms an address (storage/base/id_token.hpp). The database stores
// only the id, from which the token cannot be derived.

#include "storage/base/id_token.hpp"
#include "storage/user/mail_purpose.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::user {

inline constexpr std::size_t verification_token_bytes_max = id_token_bytes_max;

/// `key` is the server's secret, 16 to 64 bytes.
std::string make_verification_token(std::string_view key, verification_id id);

/// Empty when the token was not created with this key.
std::optional<verification_id> check_verification_token(std::string_view key,
                                                        std::string_view text);

}  // namespace stoa::user
