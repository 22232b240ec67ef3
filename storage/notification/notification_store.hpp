#pragma once
// The Notification service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/notification/notification.hpp"

namespace stoa::notification {

/// Filter of the notification list; newest first, starting after the notification `before`.
struct notification_filter {
  std::optional<stoa::user_id> user_id;
  std::optional<notification_status> status;
  std::optional<stoa::notification_id> before;
  std::size_t limit = 20;
};

std::optional<notification_row> read_notification(db::connection& c, stoa::notification_id id);
/// Its log, oldest first.
std::vector<notification_log_row> read_notification_log(db::connection& c,
                                                        stoa::notification_id id);
/// The reports of its provider, oldest first.
std::vector<delivery_report_row> read_delivery_reports(db::connection& c, stoa::notification_id id);
/// The user's subscriptions to push messages, oldest first.
std::vector<push_subscription_row> read_push_subscriptions(db::connection& c, stoa::user_id id);
std::vector<notification_row> list_notifications(db::connection& c,
                                                 const notification_filter& filter);
/// The total number, ignoring `before` and `limit`.
std::int64_t count_notifications(db::connection& c, const notification_filter& filter);
/// Pending notifications whose next attempt is due or scheduled after `latest`, oldest due time
/// first.
std::vector<stoa::notification_id> due_notifications(db::connection& c, timestamp now,
                                                     timestamp latest, std::size_t limit);
/// All Pending notifications by due time.
std::vector<stoa::notification_id> open_notifications(db::connection& c, std::size_t limit);
/// The categories and channels that the owner has switched off.
std::vector<opt_out_row> opt_outs_of(db::connection& c, const std::string& owner);
/// Due time of the notification that should be sent first.
std::optional<timestamp> earliest_attempt(db::connection& c);
/// Creation time of the oldest Pending notification.
std::optional<timestamp> oldest_pending(db::connection& c);
/// Number of Failed notifications created at that time or later.
std::int64_t failed_since(db::connection& c, timestamp made);

}  // namespace stoa::notification
