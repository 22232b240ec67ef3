#pragma once
// The messages about outgoing webhooks, handled by the Notification service, and its requests to
// endpoints.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/base/json.hpp"
#include "storage/notification/webhook.hpp"

namespace stoa::notification {

// --- answers -------------------------------------------------------------------------------------

struct webhook_view {
  static constexpr std::string_view schema_name = "webhook";
  stoa::webhook_id webhook_id;
  std::string url;
  std::optional<std::string> description;
  std::vector<std::string> event_types;
  std::int64_t payload_version = 1;
  webhook_status status = webhook_status::Enabled;
  std::optional<webhook_disabled_reason> disabled_reason;
  std::optional<timestamp> disabled_at;
  std::optional<timestamp> failing_since;
  std::optional<timestamp> previous_secret_until;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(webhook_view, (),
                      (webhook_id, url, description, event_types, payload_version, status,
                       disabled_reason, disabled_at, failing_since, previous_secret_until,
                       created_at, updated_at))

/// The edge decrypts the secret for the one response that shows it.
struct sealed_webhook {
  webhook_view webhook;
  std::string sealed_secret;
};
BOOST_DESCRIBE_STRUCT(sealed_webhook, (), (webhook, sealed_secret))

struct webhook_list {
  static constexpr std::string_view schema_name = "webhook_list";
  std::vector<webhook_view> data;
};
BOOST_DESCRIBE_STRUCT(webhook_list, (), (data))

struct webhook_delivery_view {
  static constexpr std::string_view schema_name = "webhook_delivery";
  stoa::webhook_delivery_id delivery_id;
  stoa::webhook_id webhook_id;
  stoa::event_id event_id;
  std::string event_type;
  stoa::webhook_subject_id subject_id;
  std::optional<stoa::webhook_delivery_id> replay_of;
  webhook_delivery_status status = webhook_delivery_status::Pending;
  std::int64_t attempts = 0;
  std::optional<std::int64_t> last_status;
  std::optional<std::string> last_error;
  std::optional<timestamp> next_attempt_at;  ///< while Pending
  timestamp created_at;
  std::optional<timestamp> finished_at;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_view, (),
                      (delivery_id, webhook_id, event_id, event_type, subject_id, replay_of, status,
                       attempts, last_status, last_error, next_attempt_at, created_at, finished_at))

struct webhook_delivery_page {
  static constexpr std::string_view schema_name = "webhook_delivery_list";
  std::vector<webhook_delivery_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_page, (), (data, next_cursor))

struct webhook_attempt_view {
  static constexpr std::string_view schema_name = "webhook_attempt";
  stoa::webhook_attempt_id attempt_id;
  std::string outcome;
  std::optional<std::int64_t> status;
  std::int64_t duration_ms = 0;
  std::optional<std::string> response;
  std::optional<std::string> error;
  timestamp attempted_at;
};
BOOST_DESCRIBE_STRUCT(webhook_attempt_view, (),
                      (attempt_id, outcome, status, duration_ms, response, error, attempted_at))

struct webhook_delivery_detail {
  static constexpr std::string_view schema_name = "webhook_delivery_detail";
  webhook_delivery_view delivery;
  std::vector<webhook_attempt_view> attempts;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_detail, (), (delivery, attempts, body))

// --- commands ------------------------------------------------------------------------------------

/// conflict too_many_webhooks.
struct create_webhook {
  static constexpr std::string_view name = "notification.create_webhook";
  using reply = sealed_webhook;
  stoa::webhook_id webhook_id;
  std::string url;
  std::optional<std::string> description;
  std::vector<std::string> event_types;
  std::string sealed_secret;
};
BOOST_DESCRIBE_STRUCT(create_webhook, (),
                      (webhook_id, url, description, event_types, sealed_secret))

struct webhook_change {
  static constexpr std::string_view schema_name = "webhook_update";
  std::optional<std::string> url;
  patch<std::string> description;
  std::optional<std::vector<std::string>> event_types;
};
BOOST_DESCRIBE_STRUCT(webhook_change, (), (url, description, event_types))

struct change_webhook {
  static constexpr std::string_view name = "notification.change_webhook";
  using reply = webhook_view;
  stoa::webhook_id webhook_id;
  webhook_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_webhook, (), (webhook_id, change, precondition))

/// Disabled by staff, or enabled: open deliveries are then sent immediately.
struct set_webhook_status {
  static constexpr std::string_view name = "notification.set_webhook_status";
  using reply = webhook_view;
  stoa::webhook_id webhook_id;
  webhook_status status = webhook_status::Enabled;
};
BOOST_DESCRIBE_STRUCT(set_webhook_status, (), (webhook_id, status))

/// The old secret also signs for webhook_secret_overlap.
struct rotate_webhook_secret {
  static constexpr std::string_view name = "notification.rotate_webhook_secret";
  using reply = sealed_webhook;
  stoa::webhook_id webhook_id;
  std::string sealed_secret;
};
BOOST_DESCRIBE_STRUCT(rotate_webhook_secret, (), (webhook_id, sealed_secret))

/// Its open deliveries become Failed.
struct delete_webhook {
  static constexpr std::string_view name = "notification.delete_webhook";
  using reply = kernel::nothing;
  stoa::webhook_id webhook_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_webhook, (), (webhook_id, precondition))

/// Sends an event webhook.test; conflict webhook_disabled.
struct test_webhook {
  static constexpr std::string_view name = "notification.test_webhook";
  using reply = webhook_delivery_view;
  stoa::webhook_id webhook_id;
};
BOOST_DESCRIBE_STRUCT(test_webhook, (), (webhook_id))

/// Sends a finished delivery again, as a new delivery of the same event. Conflicts:
/// webhook_disabled; webhook_delivery_open when the event is being delivered to the endpoint;
/// webhook_message_expired.
struct replay_webhook_delivery {
  static constexpr std::string_view name = "notification.replay_webhook_delivery";
  using reply = webhook_delivery_view;
  stoa::webhook_subject_id subject_id;
  stoa::webhook_id webhook_id;
  stoa::webhook_delivery_id delivery_id;
  stoa::event_id event_id;
};
BOOST_DESCRIBE_STRUCT(replay_webhook_delivery, (), (subject_id, webhook_id, delivery_id, event_id))

/// Sends a Pending delivery that is due.
struct send_due_webhook {
  static constexpr std::string_view name = "notification.send_due_webhook";
  using reply = kernel::nothing;
  stoa::webhook_subject_id subject_id;
  stoa::webhook_id webhook_id;
  stoa::webhook_delivery_id delivery_id;
  stoa::event_id event_id;
};
BOOST_DESCRIBE_STRUCT(send_due_webhook, (), (subject_id, webhook_id, delivery_id, event_id))

/// The result of an attempt.
struct webhook_result {
  static constexpr std::string_view name = "notification.webhook_result";
  using reply = kernel::nothing;
  stoa::webhook_subject_id subject_id;
  stoa::webhook_id webhook_id;
  stoa::webhook_delivery_id delivery_id;
  std::string outcome;  ///< "completed", or why there is no response
  std::optional<std::int64_t> status;
  std::int64_t duration_ms = 0;
  std::string response;
  std::string error;
  std::optional<std::int64_t> retry_after_s;

  bool is_delivered() const { return status && *status >= 200 && *status < 300; }
};
BOOST_DESCRIBE_STRUCT(webhook_result, (),
                      (subject_id, webhook_id, delivery_id, outcome, status, duration_ms, response,
                       error, retry_after_s))

// --- effects -------------------------------------------------------------------------------------

/// Sends the request of a delivery.
struct post_webhook {
  static constexpr std::string_view name = "notification.post_webhook";
  stoa::webhook_delivery_id delivery_id;
  stoa::webhook_id webhook_id;
  stoa::webhook_subject_id subject_id;
  std::string message_id;
  std::string url;
  std::vector<std::string> sealed_secrets;
  std::string body;
};

/// Logs that an endpoint was disabled.
struct report_disabled_webhook {
  static constexpr std::string_view name = "notification.report_disabled_webhook";
  stoa::webhook_id webhook_id;
  webhook_disabled_reason reason = webhook_disabled_reason::failing;
};

// --- queries, for staff ------------------------------------------------------------------------

struct list_webhooks {
  static constexpr std::string_view name = "notification.list_webhooks";
  using reply = webhook_list;
};
BOOST_DESCRIBE_STRUCT(list_webhooks, (), ())

struct get_webhook {
  static constexpr std::string_view name = "notification.get_webhook";
  using reply = webhook_view;
  stoa::webhook_id webhook_id;
};
BOOST_DESCRIBE_STRUCT(get_webhook, (), (webhook_id))

/// The deliveries to an endpoint, newest first.
struct list_webhook_deliveries_query {
  static constexpr std::string_view name = "notification.list_webhook_deliveries";
  using reply = webhook_delivery_page;
  stoa::webhook_id webhook_id;
  std::optional<webhook_delivery_status> status;
  std::optional<stoa::webhook_delivery_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_webhook_deliveries_query, (), (webhook_id, status, before, limit))

struct get_webhook_delivery {
  static constexpr std::string_view name = "notification.get_webhook_delivery";
  using reply = webhook_delivery_detail;
  stoa::webhook_id webhook_id;
  stoa::webhook_delivery_id delivery_id;
};
BOOST_DESCRIBE_STRUCT(get_webhook_delivery, (), (webhook_id, delivery_id))

/// Finished deliveries to replay, oldest first, starting after the delivery `after`.
struct find_replayable_webhooks {
  static constexpr std::string_view name = "notification.find_replayable_webhooks";
  using reply = webhook_delivery_page;
  stoa::webhook_id webhook_id;
  webhook_delivery_status status = webhook_delivery_status::Failed;
  timestamp from;
  timestamp to;
  std::optional<stoa::webhook_delivery_id> after;
  std::int64_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(find_replayable_webhooks, (), (webhook_id, status, from, to, after, limit))

}  // namespace stoa::notification
