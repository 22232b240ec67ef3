#pragma once
// The Notification service's records.

#include "storage/notification/delivery_report.hpp"
#include "storage/notification/marketing.hpp"
#include "storage/notification/push_subscription.hpp"
#include "storage/notification/webhook.hpp"

namespace stoa::notification {

enum class notification_type { Email, SMS, Push };
BOOST_DESCRIBE_ENUM(notification_type, Email, SMS, Push)

enum class notification_status { Pending, Sent, Failed };
BOOST_DESCRIBE_ENUM(notification_status, Pending, Sent, Failed)

/// What a recipient can choose to receive. Only some categories can be switched off.
enum class notification_category { receipts, order_status, security, shipping_updates, marketing };
BOOST_DESCRIBE_ENUM(notification_category, receipts, order_status, security, shipping_updates,
                    marketing)

/// A message to one recipient, rendered when it was created. `notification_id` is its idempotency
/// key at the channel.
struct notification_row {
  static constexpr const char* table = "notifications";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::notification_id notification_id;
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  std::optional<stoa::order_id> order_id;
  notification_type type = notification_type::Email;
  /// For Email the address, for SMS the number in E.164 form, for Push the subscription's id.
  std::string recipient;
  std::string subject;
  std::string message;        ///< plain text
  std::string html;           ///< may be empty
  std::string template_name;  ///< confirmed, cancelled, shipped, ...
  notification_status status = notification_status::Pending;
  std::int64_t attempts = 0;  ///< failed deliveries
  timestamp next_attempt_at;  ///< while Pending: when the sweep retries it
  timestamp created_at;
  std::optional<timestamp> sent_at;
  std::int64_t version = 0;
  std::optional<stoa::notification_id> resend_of = std::nullopt;  ///< that staff sent again
  std::optional<std::string> requested_by = std::nullopt;         ///< the caller who sent it again
  std::optional<stoa::announcement_id> announcement_id = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(notification_row, (),
                      (notification_id, user_id, order_id, type, recipient, subject, message, html,
                       template_name, status, attempts, next_attempt_at, created_at, sent_at,
                       version, resend_of, requested_by, announcement_id))

/// The result of an attempt; append-only.
struct notification_log_row {
  static constexpr const char* table = "notification_logs";
  static constexpr std::size_t key_columns = 1;
  stoa::log_id log_id;
  stoa::notification_id notification_id;
  notification_status status = notification_status::Pending;
  std::optional<std::string> error_message;
  timestamp logged_at;
};
BOOST_DESCRIBE_STRUCT(notification_log_row, (),
                      (log_id, notification_id, status, error_message, logged_at))

/// A recipient has switched a category off for a channel. The owner is "user:ID", or for a guest
/// "address:KEY" with the key of the address (text::mail_key).
struct opt_out_row {
  static constexpr const char* table = "notification_opt_outs";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  std::string owner;
  std::string choice;  ///< "CATEGORY/CHANNEL"
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(opt_out_row, (), (owner, choice, created_at))

/// A notification that was not created, because the recipient has switched its category off.
struct suppressed_row {
  static constexpr const char* table = "suppressed_notifications";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  stoa::order_id order_id;
  std::string template_name;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(suppressed_row, (), (order_id, template_name, created_at))

using notification_records =
    db::unit_of_work<notification_row, notification_log_row, push_subscription_row,
                     delivery_report_row, opt_out_row, suppressed_row, webhook_endpoint_row,
                     webhook_message_row, webhook_delivery_row, webhook_attempt_row, consent_row,
                     announcement_row>;

}  // namespace stoa::notification
