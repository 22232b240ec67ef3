#pragma once
// The categories of notifications, by which recipients choose what they receive.

#include "storage/notification/notification.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace stoa::notification {

/// The category of a type (template_types()); empty for an unknown type.
std::optional<notification_category> category_of(std::string_view type);

/// Whether recipients can switch the category off. Receipts, changes of an order and security
/// notices are always sent.
constexpr bool is_optional(notification_category category) {
  return category == notification_category::shipping_updates ||
         category == notification_category::marketing;
}

/// Whether recipients get the category only if they have asked for it.
constexpr bool needs_consent(notification_category category) {
  return category == notification_category::marketing;
}

/// Whether the store sends the category over the channel.
constexpr bool is_sent(notification_category category, notification_type channel) {
  return !needs_consent(category) || channel == notification_type::Email;
}

inline constexpr std::array all_categories{
    notification_category::receipts, notification_category::order_status,
    notification_category::security, notification_category::shipping_updates,
    notification_category::marketing};

/// The channels that the store sends over.
inline constexpr std::array preference_channels{notification_type::Email, notification_type::SMS,
                                                notification_type::Push};

}  // namespace stoa::notification
