#include "net/webhooks/target_check.hpp"

#include "config/settings.hpp"
#include "net/outbound/address_policy.hpp"
#include "net/outbound/target.hpp"

namespace stoa::webhook {

namespace {

problem bad_url(std::string code, std::string detail) {
  return invalid_field("/url", std::move(code), std::move(detail));
}

}  // namespace

checked_url check_url(const std::string& url, const webhook_settings& s) {
  if (url.size() > url_bytes_max) {
    return {"", bad_url("too_long", "At most " + std::to_string(url_bytes_max) + " bytes.")};
  }
  outbound::request probe;
  probe.url = url;
  const auto to = outbound::check_request(probe, {});
  const bool is_parsed = to.verdict == outbound::outcome::completed;
  if (!is_parsed || url.find('#') != std::string::npos) {
    return {"", bad_url("format",
                        "This must be a URL of printable ASCII characters, without user "
                        "information and fragment, such as https://example.com/hooks.")};
  }
  const bool is_https = to.origin.starts_with("https:");
  if (!is_https && !s.allow_http) {
    return {"", bad_url("webhook_url_not_https", "Only https:// is allowed.")};
  }
  return {to.host};
}

std::optional<problem> check_addresses(const std::vector<ip_address>& addresses,
                                       const webhook_settings& s) {
  if (addresses.empty()) {
    return bad_url("webhook_host_unresolved", "The host name cannot be resolved.");
  }
  if (outbound::are_allowed(addresses, parse_networks(s.allowed_networks))) return std::nullopt;
  return bad_url(
      "webhook_address_not_allowed",
      "The host leads to an address that is not public, such as one of a local network.");
}

}  // namespace stoa::webhook
