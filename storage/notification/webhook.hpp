#pragma once
// Records of outgoing webhooks, in the Notification service's database.

#include "storage/db/records.hpp"

namespace stoa {
using webhook_id = id<struct webhook_tag>;
using webhook_delivery_id = id<struct webhook_delivery_tag>;
using webhook_attempt_id = id<struct webhook_attempt_tag>;
/// What a webhook's event is about: an order, or for a test the endpoint itself.
using webhook_subject_id = id<struct webhook_subject_tag>;
}  // namespace stoa

namespace stoa::notification {

enum class webhook_status { Enabled, Disabled };
BOOST_DESCRIBE_ENUM(webhook_status, Enabled, Disabled)

/// Who or what has disabled an endpoint: staff; failures for webhooks.disable_after_s; its answer
/// 410 (Gone).
enum class webhook_disabled_reason { by_staff, failing, gone };
BOOST_DESCRIBE_ENUM(webhook_disabled_reason, by_staff, failing, gone)

/// Waiting: an earlier delivery of the same subject to the same endpoint is not finished. Pending:
/// it is sent, or retried at next_attempt_at.
enum class webhook_delivery_status { Waiting, Pending, Delivered, Failed };
BOOST_DESCRIBE_ENUM(webhook_delivery_status, Waiting, Pending, Delivered, Failed)

constexpr bool is_open(webhook_delivery_status s) {
  return s == webhook_delivery_status::Waiting || s == webhook_delivery_status::Pending;
}

/// An endpoint of another system that receives events.
struct webhook_endpoint_row {
  static constexpr const char* table = "webhook_endpoints";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::webhook_id webhook_id;
  std::int64_t list = 0;  ///< always 0: loads all endpoints
  std::string url;
  std::optional<std::string> description;
  std::vector<std::string> event_types;  ///< "*": all
  std::int64_t payload_version = 1;
  webhook_status status = webhook_status::Enabled;
  std::optional<webhook_disabled_reason> disabled_reason;
  std::optional<timestamp> disabled_at;
  std::optional<timestamp> failing_since;  ///< all attempts since then have failed
  std::string sealed_secret;
  std::optional<std::string> previous_secret;  ///< sealed; also signs until previous_secret_until
  std::optional<timestamp> previous_secret_until;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(webhook_endpoint_row, (),
                      (webhook_id, list, url, description, event_types, payload_version, status,
                       disabled_reason, disabled_at, failing_since, sealed_secret, previous_secret,
                       previous_secret_until, created_at, updated_at, version))

/// The body of an event in a payload version. Sent unchanged by each attempt.
struct webhook_message_row {
  static constexpr const char* table = "webhook_messages";
  static constexpr std::size_t key_columns = 2;
  stoa::event_id event_id;
  std::int64_t payload_version = 1;
  std::string event_type;
  std::string body;
  timestamp created_at;
  timestamp expires_at;  ///< not before that of its deliveries
};
BOOST_DESCRIBE_STRUCT(webhook_message_row, (),
                      (event_id, payload_version, event_type, body, created_at, expires_at))

/// An event for one endpoint. The event's id is the same in all its deliveries, also replays.
struct webhook_delivery_row {
  static constexpr const char* table = "webhook_deliveries";
  static constexpr std::size_t key_columns = 1;
  stoa::webhook_delivery_id delivery_id;
  stoa::webhook_id webhook_id;
  stoa::webhook_subject_id subject_id;
  std::int64_t position = 0;  ///< among the deliveries of the subject to the endpoint
  stoa::event_id event_id;
  std::string event_type;
  std::int64_t payload_version = 1;
  std::optional<stoa::webhook_delivery_id> replay_of;
  webhook_delivery_status status = webhook_delivery_status::Pending;
  std::int64_t attempts = 0;
  timestamp next_attempt_at;  ///< while Pending: when the sweep sends it
  timestamp retry_until;      ///< an attempt that fails after this is the last one
  std::optional<std::int64_t> last_status;
  std::optional<std::string> last_error;
  timestamp created_at;
  std::optional<timestamp> finished_at;
  timestamp expires_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_row, (),
                      (delivery_id, webhook_id, subject_id, position, event_id, event_type,
                       payload_version, replay_of, status, attempts, next_attempt_at, retry_until,
                       last_status, last_error, created_at, finished_at, expires_at, version))

/// The result of one attempt; append-only.
struct webhook_attempt_row {
  static constexpr const char* table = "webhook_attempts";
  static constexpr std::size_t key_columns = 1;
  stoa::webhook_attempt_id attempt_id;
  stoa::webhook_delivery_id delivery_id;
  std::string outcome;                 ///< "completed", or why there is no response
  std::optional<std::int64_t> status;  ///< of the response
  std::int64_t duration_ms = 0;
  std::optional<std::string> response;  ///< the beginning of its body
  std::optional<std::string> error;
  timestamp attempted_at;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(webhook_attempt_row, (),
                      (attempt_id, delivery_id, outcome, status, duration_ms, response, error,
                       attempted_at, expires_at))

}  // namespace stoa::notification
