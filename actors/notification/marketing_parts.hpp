#pragma once
// Consents to marketing, for the parts of the Notification service. Internal to
// actors/notification.

#include "actors/notification/notification_service.hpp"

namespace stoa::notification {

/// All need the user's consent_row.
bool has_consent(notification_service::decision& d, stoa::user_id user);
/// Without a contact, to the address of an earlier consent.
void give_consent(notification_service::decision& d, stoa::user_id user,
                  const std::optional<marketing_contact>& contact);
void withdraw_consent(notification_service::decision& d, stoa::user_id user, withdrawal by);

/// Adds what may_be_sent() needs.
void need_consent(const notification_row& n, notification_service::need_list& list);
/// False for an announcement whose recipient has withdrawn the consent since.
bool may_be_sent(notification_service::decision& d, const notification_row& n);

/// Adds the next step of the oldest announcement, unless too many emails wait.
void add_due_announcements(kernel::due_work& work, db::connection& c);

}  // namespace stoa::notification
