#pragma once
// How long a client wants to wait (RFC 7240).

#include "net/front/exchange.hpp"

#include <map>
#include <string>
#include <string_view>

namespace stoa::front {

/// The preferences of a value of Prefer: names in lower case, values without quotes, empty where
/// none is given. Parameters behind a ';' belong to no preference that we know and are left out.
/// The first of several of one name counts. Malformed ones are ignored, as RFC 7240 says of all
/// that cannot be honoured.
std::map<std::string, std::string> parse_prefer(std::string_view value);

struct wait_preference {
  milliseconds time{2000};
  bool async = false;        ///< do not wait at all: respond-async without a time to wait
  bool applied = false;      ///< the client has said what it prefers
  std::string applied_text;  ///< for Preference-Applied
};

/// Of all Prefer fields; the settings' default and maximum. `respond-async, wait=N` waits for N
/// seconds, and then the answer is 202 (RFC 7240, section 4.3).
wait_preference wait_preference_of(const exchange& x);

}  // namespace stoa::front
