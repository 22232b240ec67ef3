#pragma once
// Shared by the parts of the Notification service. Internal to actors/notification.

#include "actors/notification/notification_service.hpp"

namespace stoa::notification {

/// Adds the notification's state to its log.
void add_log(notification_service::decision& d, const notification_row& n,
             std::optional<std::string> error);
/// The content of messages about the order.
order_mail content_of(const notification_options& options, const order::order_summary& about);
/// The languages of a message to a customer with that language.
mail_style style_of(const notification_options& options, const std::optional<std::string>& language,
                    timestamp date);
/// Throws std::logic_error for an illegal transition.
void move_to(notification_row& n, notification_status to);

}  // namespace stoa::notification
