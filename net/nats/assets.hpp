#pragma once
// Maintains the stream and the durable consumers at the broker.

#include "net/nats/bus_core.hpp"

namespace stoa::nats {

/// Assets seen over one connection: creation time by name.
using seen_assets = std::map<std::string, std::int64_t>;

struct assets_state {
  bool good = false;     ///< all exist
  bool renewed = false;  ///< one was recreated since it was last seen, so pending requests are lost
};

/// Checks all assets and creates missing ones. The first check of a connection also updates
/// settings that differ. An unresponsive consumer is recreated, unless another node already did.
/// Failures are logged and retried at the next check. Blocks for a bounded time.
assets_state ensure_assets(bus_core& core, jsCtx* js, seen_assets& seen);

}  // namespace stoa::nats
