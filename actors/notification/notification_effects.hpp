#pragma once
// Passes the Notification service's messages to the channels, and reports the results as
// notification.delivery_result.

#include "actors/kernel/effect_pool.hpp"
#include "actors/notification/account_mails.hpp"
#include "actors/notification/channel.hpp"

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

/// Called on any thread at the end of each attempt; the outcome is "delivered", "failed" (it is
/// retried), "rejected" (permanently) or "timeout".
using mail_observer = std::function<void(std::string_view outcome, microseconds took)>;

/// For service_definition::make_effects. An attempt that times out is reported as failed; a later
/// success is reported as well. Tokens are inserted into mails here, so that they are never stored.
/// The channel must outlive the runner.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel& mail, token_maker tokens, kernel::effect_limits limits = mail_limits,
    mail_observer observe = {});

}  // namespace stoa::notification
