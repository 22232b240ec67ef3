#pragma once
// Whose choices apply to a notification, and who may see all.

#include "actors/notification/notification_service.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::notification {

/// The owner of the recipient's choices (opt_out_row): the user, or a guest's address.
std::string owner_of(const std::optional<stoa::user_id>& user, std::string_view address);

/// The category and channel of a choice (opt_out_row).
std::string choice_of(notification_category category, notification_type channel);

/// Whether the recipient has switched off notifications of the type over the channel. Needs the
/// owner's choices.
bool has_switched_off(notification_service::decision& d, const order::order_summary& about,
                      std::string_view type, notification_type channel);
/// Adds the owner's choices, and the suppressed notifications of the order.
void need_choice(const order::order_summary& about, notification_service::need_list& list);
/// Forgets the user's choices, which the decision needs by opt_out_row::owner.
void forget_choices(notification_service::decision& d, stoa::user_id user);

/// Staff and the system.
inline bool may_see_all(const kernel::call_context& context) {
  return context.who.is_staff() || context.who.kind == kernel::caller_kind::system;
}

}  // namespace stoa::notification
