#pragma once
// Shared by the parts of the Notification service. Internal to actors/notification.

#include "actors/notification/notification_service.hpp"

namespace stoa::notification {

/// Adds the notification's state to its log.
void add_log(notification_service::decision& d, const notification_row& n,
             std::optional<std::string> error);
/// Throws std::logic_error for an illegal transition.
void move_to(notification_row& n, notification_status to);

}  // namespace stoa::notification
