#pragma once
// How long a client wants to wait (RFC 7240).

#include "net/front/exchange.hpp"

namespace stoa::front {

struct wait_preference {
  milliseconds time{2000};
  bool async = false;    ///< Prefer: respond-async: do not wait at all
  bool applied = false;  ///< the client has said what it prefers

  std::string applied_text() const {
    return async ? "respond-async" : "wait=" + std::to_string(time.count() / 1000);
  }
};

/// Of the Prefer field; the settings' default and maximum. Preferences that we do not know, or that
/// make no sense, are ignored as RFC 7240 says.
wait_preference wait_preference_of(const exchange& x);

}  // namespace stoa::front
