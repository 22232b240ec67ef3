#pragma once
// Hands messages to the channels for the Notification service, and reports what came of it as
// notification.delivery_result.

#include "actors/kernel/effect_pool.hpp"
#include "actors/notification/account_mails.hpp"
#include "actors/notification/channel.hpp"

namespace stoa::notification {

/// Many at a time, because a channel makes a group of them durable in one go.
inline constexpr kernel::effect_limits mail_limits{
    .under_way_max = 256, .waiting_max = 4096, .timeout = seconds{10}};

/// Called on any thread at the end of each attempt: delivered, failed, or timeout when no answer
/// came in time.
using mail_observer = std::function<void(std::string_view outcome, microseconds took)>;

/// For service_definition::make_effects. An attempt that takes too long is reported as failed; a
/// delivery that succeeds later is reported as well. Tokens are put into mails here, so that none
/// is ever stored. The channel must outlive the runner.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel& mail, token_maker tokens, kernel::effect_limits limits = mail_limits,
    mail_observer observe = {});

}  // namespace stoa::notification
