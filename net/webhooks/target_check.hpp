#pragma once
// Checks the URL of an endpoint before it is stored: its form, and the addresses of its host
// (protection against server-side request forgery).

#include "net/outbound/name_resolver.hpp"
#include "storage/base/problem.hpp"

#include <optional>
#include <string>

namespace stoa {
struct webhook_settings;
}

namespace stoa::webhook {

inline constexpr std::size_t url_bytes_max = 2000;

/// The host of the URL, as the request will use it: numeric forms of IPv4 addresses (decimal,
/// octal, hexadecimal) are normalized. validation_failed, with a pointer to /url, if it is not an
/// https URL (or http, if allowed) without user information and fragment.
struct checked_url {
  std::string host;
  std::optional<problem> error{};
};
checked_url check_url(const std::string& url, const webhook_settings& s);

/// validation_failed unless there are addresses and all of them are public or in the allowed
/// networks.
std::optional<problem> check_addresses(const std::vector<ip_address>& addresses,
                                       const webhook_settings& s);

}  // namespace stoa::webhook
