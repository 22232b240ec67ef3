#pragma once
// Validation of a request before it is queued, and of a URL before it is stored for later requests.

#include "net/outbound/http_client.hpp"

#include <string>

namespace stoa::outbound {

struct target {
  std::string host;    ///< in lower case; an IPv6 address without brackets
  std::string origin;  ///< scheme, host and port: the key of limits per host
  /// The outcome of a request that cannot be sent, with the reason; completed: it can be sent.
  outcome verdict = outcome::completed;
  std::string detail{};
};

/// Parses the URL with libcurl's parser, as the transfer does.
target check_request(const request& r, const client_config& config);

}  // namespace stoa::outbound
