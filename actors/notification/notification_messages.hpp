#pragma once
// The messages of the Notification service, and its calls to the channels.

#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/message.hpp"
#include "actors/notification/channel.hpp"
#include "actors/notification/delivery_messages.hpp"
#include "actors/notification/push_messages.hpp"
#include "actors/notification/templates.hpp"
#include "actors/order/order_events.hpp"
#include "storage/notification/notification.hpp"

namespace stoa::notification {

// --- answers -------------------------------------------------------------------------------------

struct notification_view {
  static constexpr std::string_view schema_name = "notification";
  stoa::notification_id notification_id;
  std::optional<stoa::user_id> user_id;
  std::optional<stoa::order_id> order_id;
  notification_type type = notification_type::Email;
  std::string recipient;
  std::string subject;
  std::string message;
  notification_status status = notification_status::Pending;
  timestamp created_at;
  std::optional<timestamp> sent_at;
};
BOOST_DESCRIBE_STRUCT(notification_view, (),
                      (notification_id, user_id, order_id, type, recipient, subject, message,
                       status, created_at, sent_at))

struct notification_page {
  static constexpr std::string_view schema_name = "notification_list";
  std::vector<notification_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(notification_page, (), (data, next_cursor, total))

struct notification_log_view {
  static constexpr std::string_view schema_name = "notification_log";
  stoa::log_id log_id;
  notification_status status = notification_status::Pending;
  std::optional<std::string> error_message;
  timestamp logged_at;
};
BOOST_DESCRIBE_STRUCT(notification_log_view, (), (log_id, status, error_message, logged_at))

/// A notification with all its attempts; for staff.
struct notification_detail_view {
  static constexpr std::string_view schema_name = "notification_detail";
  stoa::notification_id notification_id;
  std::optional<stoa::user_id> user_id;
  std::optional<stoa::order_id> order_id;
  notification_type type = notification_type::Email;
  std::string recipient;
  std::string subject;
  std::string message;
  std::string html;
  std::string template_name;
  notification_status status = notification_status::Pending;
  std::int64_t attempts = 0;
  std::optional<timestamp> next_attempt_at;  ///< while Pending
  timestamp created_at;
  std::optional<timestamp> sent_at;
  std::vector<notification_log_view> logs;
  std::vector<delivery_report_view> reports;                      ///< of the SMS provider
  std::optional<stoa::notification_id> resend_of = std::nullopt;  ///< that staff sent again
  std::optional<std::string> requested_by = std::nullopt;         ///< who sent it again
  static constexpr std::string_view defaults[] = {"reports"};
};
BOOST_DESCRIBE_STRUCT(notification_detail_view, (),
                      (notification_id, user_id, order_id, type, recipient, subject, message, html,
                       template_name, status, attempts, next_attempt_at, created_at, sent_at, logs,
                       reports, resend_of, requested_by))

// --- commands, all internal
// -------------------------------------------------------------

/// The result of an attempt; `error` is absent when it was delivered. A permanent error is not
/// retried. `gone`: the push subscription does not exist any more. `retry_after_s`: the server
/// accepts a further attempt after that time.
struct delivery_result {
  static constexpr std::string_view name = "notification.delivery_result";
  using reply = kernel::nothing;
  stoa::notification_id notification_id;
  std::optional<std::string> error;
  bool permanent = false;
  bool gone = false;
  std::int64_t retry_after_s = 0;
  static constexpr std::string_view defaults[] = {"permanent", "gone", "retry_after_s"};
};
BOOST_DESCRIBE_STRUCT(delivery_result, (), (notification_id, error, permanent, gone, retry_after_s))

/// Sends a Pending notification again when it is due; `starting`: immediately, since no attempt is
/// in progress after a restart.
struct retry_notification {
  static constexpr std::string_view name = "notification.retry";
  using reply = kernel::nothing;
  stoa::notification_id notification_id;
  bool starting = false;
};
BOOST_DESCRIBE_STRUCT(retry_notification, (), (notification_id, starting))

/// Sends a Sent or Failed notification again, as a new one: by staff. conflict
/// notification_pending, no_recipient.
struct resend_notification {
  static constexpr std::string_view name = "notification.resend";
  using reply = notification_detail_view;
  stoa::notification_id notification_id;
};
BOOST_DESCRIBE_STRUCT(resend_notification, (), (notification_id))

/// Creates the email of a kind that an order has lost, by staff or the system. A repeat
/// changes nothing, and neither does a suppressed notification.
struct create_missing {
  static constexpr std::string_view name = "notification.create_missing";
  using reply = kernel::event_applied;
  stoa::order_id order_id;  ///< first, because it routes the command like the order's events
  mail_kind kind = mail_kind::confirmed;
  order::order_summary order;
  std::string code = {};  ///< these three of a cancellation
  std::string reason = {};
  std::optional<std::string> failure_code = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(create_missing, (), (order_id, kind, order, code, reason, failure_code))

// --- effects
// ---------------------------------------------------------------------------------------

/// Sends over the channel of the type. The message's key makes retries idempotent.
struct send_notification {
  static constexpr std::string_view name = "notification.send";
  stoa::notification_id notification_id;
  notification_type type = notification_type::Email;
  outgoing message;
  bool holds_token = false;      ///< the message has a placeholder to be replaced by the token
  bool can_unsubscribe = false;  ///< the same for the token that unsubscribes
};

// --- queries -------------------------------------------------------------------------------------

/// The caller's notifications, or all for staff; newest first.
struct list_notifications_query {
  static constexpr std::string_view name = "notification.list";
  using reply = notification_page;
  bool all = false;  ///< staff only
  std::optional<notification_status> status;
  std::optional<stoa::notification_id> before;
  std::int64_t limit = 20;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_notifications_query, (), (all, status, before, limit, count))

/// One notification with its log; staff only.
struct get_notification {
  static constexpr std::string_view name = "notification.get";
  using reply = notification_detail_view;
  stoa::notification_id notification_id;
};
BOOST_DESCRIBE_STRUCT(get_notification, (), (notification_id))

}  // namespace stoa::notification
