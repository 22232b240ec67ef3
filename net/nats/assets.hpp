#pragma once
// The stream and the durable consumers at the broker: made when they are missing.

#include "net/nats/bus_core.hpp"

namespace stoa::nats {

/// What was seen over one connection, by name: when each was made.
using seen_assets = std::map<std::string, std::int64_t>;

struct assets_state {
  bool good = false;     ///< all are there
  bool renewed = false;  ///< one is not that which was seen before: nothing is asked of it yet
};

/// Looks at all of them, and makes what is missing. The first time over a connection, settings that
/// differ are brought up to date, too. A suspect consumer that is still the one which was seen is
/// made anew. What the broker does not do makes a line in the log, and is to be asked again later.
/// Waits for the broker, a bounded time.
assets_state ensure_assets(bus_core& core, jsCtx* js, seen_assets& seen);

}  // namespace stoa::nats
