#pragma once
// The preferred waiting time of a client (RFC 7240).

#include "net/front/exchange.hpp"

#include <map>
#include <string>
#include <string_view>

namespace stoa::front {

/// The preferences in a value of Prefer: names in lower case, values without quotes, empty if
/// absent. Parameters after a ';' are ignored: no supported preference has any. The first of
/// several with the same name counts. Malformed ones are ignored, as RFC 7240 requires for all that
/// are not supported.
std::map<std::string, std::string> parse_prefer(std::string_view value);

struct wait_preference {
  milliseconds time{2000};
  bool async = false;        ///< do not wait: respond-async without a time to wait
  bool applied = false;      ///< the client sent a supported preference
  std::string applied_text;  ///< for Preference-Applied
};

/// From all Prefer fields, with the settings' default and maximum. `respond-async, wait=N` waits
/// for N seconds; then the response is 202 (RFC 7240, section 4.3).
wait_preference wait_preference_of(const exchange& x);

}  // namespace stoa::front
