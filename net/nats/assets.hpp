#pragma once
// The stream and the durable consumers at the broker: made when they are missing.

#include "net/nats/bus_core.hpp"

namespace stoa::nats {

/// Looks at all of them, and makes what is missing; `adapt` also brings settings up to date that
/// differ. False when the broker does not do it, with a line in the log; asked again later. Waits
/// for the broker, a bounded time.
bool ensure_assets(const core_ptr& core, jsCtx* js, bool adapt);

}  // namespace stoa::nats
