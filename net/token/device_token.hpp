#pragma once
// Device tokens: a login's answer gives one, and a later login that shows it is known to the
// account, wherever it comes from (OWASP's "device cookies" against guessing of passwords). It is
// no right to anything: the password is asked for as ever. Nothing is stored on the server.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::token {

struct device {
  std::uint64_t number = 0;  ///< random; the same in all tokens of one device
  timestamp expires_at;
};

/// "dt_" and base64url of number, expiry and a MAC by the server's secret over both and the
/// account.
std::string make_device_token(std::string_view secret, stoa::user_id account, const device& d);
/// Nothing when the token is malformed, expired, forged, or another account's.
std::optional<device> check_device_token(std::string_view secret, stoa::user_id account,
                                         std::string_view token, timestamp now);

}  // namespace stoa::token
