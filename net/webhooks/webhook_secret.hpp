#pragma once
// Secrets and signatures of outgoing webhooks as Standard Webhooks 1.0 defines them
// (https://github.com/standard-webhooks/standard-webhooks).

#include "storage/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::webhook {

/// A new secret: "whsec_" and 32 random bytes in base64.
std::string make_secret();
/// The key bytes of a secret; nothing for a malformed one.
std::optional<std::string> key_of(std::string_view secret);

/// One signature for the header webhook-signature: "v1," and the HMAC-SHA-256 of
/// "<id>.<seconds>.<body>" in base64.
std::string sign(std::string_view key, std::string_view message_id, std::int64_t seconds,
                 std::string_view body);

}  // namespace stoa::webhook
