#pragma once
// Passes the Notification service's messages to the channels, and reports the results as
// notification.delivery_result.

#include "actors/kernel/effect_pool.hpp"
#include "actors/notification/account_mails.hpp"
#include "actors/notification/channel.hpp"
#include "actors/notification/rate_bucket.hpp"
#include "storage/notification/notification.hpp"

#include <map>

namespace stoa {
struct notification_settings;
}

namespace stoa::notification {

/// Many concurrent messages, as a channel writes them durably in groups.
inline constexpr kernel::effect_limits mail_limits{
    .under_way_max = 256, .waiting_max = 4096, .timeout = seconds{10}};

/// The limits for the channel of the settings: for SMTP as many messages as connections, so that
/// none waits within the channel.
kernel::effect_limits mail_limits_of(const notification_settings& s);
/// The limits for text messages and push messages, by the setting of their timeout.
kernel::effect_limits short_limits(std::int64_t timeout_ms);

/// Makes the tokens that are inserted into mails.
struct token_makers {
  token_maker verification;
  std::function<std::string(stoa::notification_id)> unsubscribe;
};

/// Called on any thread at the end of each attempt; the outcome is "delivered", "failed" (it is
/// retried), "rejected" (permanently) or "timeout".
using attempt_observer = std::function<void(std::string_view outcome, microseconds took)>;

/// A channel, which must outlive the runners, and how it is used.
struct registered_channel {
  channel* to = nullptr;
  kernel::effect_limits limits = mail_limits;
  attempt_observer observe{};
  /// Of all runners of the node; null: no limit. Messages above it wait, at most limits.waiting_max
  /// of them; the sweep starts the others again.
  std::shared_ptr<rate_bucket> rate{};
};
using channel_registry = std::map<notification_type, registered_channel>;

/// For service_definition::make_effects. An attempt that times out is reported as failed; a later
/// success is reported as well. Tokens are inserted into messages here, so that they are never
/// stored. A message without a channel fails permanently.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel_registry channels, token_makers tokens);

}  // namespace stoa::notification
