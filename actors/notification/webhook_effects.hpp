#pragma once
// Passes the requests of webhooks to the sender, and reports the results as
// notification.webhook_result.

#include "actors/kernel/effect_pool.hpp"
#include "actors/notification/webhook_sender.hpp"

namespace stoa::notification {

/// For each endpoint, so that a slow one does not delay others.
struct webhook_limits {
  std::size_t under_way_max = 4;
  std::size_t waiting_max = 256;       ///< further deliveries are found by the sweep
  microseconds timeout = seconds{10};  ///< of a request
};

/// Called on any thread at the end of each attempt; the outcome is "delivered", "rejected" (another
/// status), or why there is no response.
using webhook_observer = std::function<void(std::string_view outcome, microseconds took)>;

/// For service_definition::make_effects. The sender must outlive the runner.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> webhook_effects(
    webhook_sender& sender, webhook_limits limits, webhook_observer observe = {});

}  // namespace stoa::notification
