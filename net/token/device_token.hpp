#pragma once
// Device tokens: returned by a login and presented by later ones to identify a known device of the
// account ("device cookies" of OWASP, against password guessing). They grant no rights and do not
// replace the password. Nothing is stored on the server.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::token {

struct device {
  std::uint64_t number = 0;  ///< random; equal in all tokens of a device
  timestamp expires_at;
};

/// "dt_" and the base64url of number, expiry and a MAC over both and the account, keyed with the
/// server's secret.
std::string make_device_token(std::string_view secret, stoa::user_id account, const device& d);
/// Nothing when the token is malformed, expired, forged, or another account's.
std::optional<device> check_device_token(std::string_view secret, stoa::user_id account,
                                         std::string_view token, timestamp now);

}  // namespace stoa::token
