#pragma once
// Signatures of webhooks as Stripe defines them: a header field contains "t=<seconds since
// 1970>,v1=<HMAC-SHA-256 of "<seconds>.<body>", in hex>". It may contain several v1 values, while
// the sender rotates its secret, and values of other schemes, which are ignored.

#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <span>
#include <string>
#include <string_view>

namespace stoa::gateways {

/// The value of the header field.
std::string sign_webhook(std::string_view secret, std::string_view body, timestamp now);

/// Verifies that a v1 value of the field was made with one of the secrets, in constant time, and
/// that the timestamp is at most payment::webhook_tolerance from `now`. Errors:
/// webhook_signature_invalid, webhook_expired.
result<void> verify_webhook(std::span<const std::string> secrets, std::string_view body,
                            std::string_view field, timestamp now);

}  // namespace stoa::gateways
