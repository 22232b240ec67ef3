#pragma once
// Queries on outgoing webhooks. Loading and saving by key is generated from the records.

#include "storage/kernel/expiry.hpp"
#include "storage/notification/webhook.hpp"

namespace stoa::notification {

/// All endpoints, oldest first; webhook_endpoints_max at most.
std::vector<webhook_endpoint_row> list_webhook_endpoints(db::connection& c);
std::optional<webhook_endpoint_row> read_webhook_endpoint(db::connection& c, stoa::webhook_id id);

/// Deliveries to an endpoint, newest first, starting after the delivery `before`.
struct webhook_delivery_filter {
  stoa::webhook_id webhook_id;
  std::optional<webhook_delivery_status> status;
  std::optional<stoa::webhook_delivery_id> before;
  std::size_t limit = 20;
};
std::vector<webhook_delivery_row> list_webhook_deliveries(db::connection& c,
                                                          const webhook_delivery_filter& filter);
std::optional<webhook_delivery_row> read_webhook_delivery(db::connection& c,
                                                          stoa::webhook_delivery_id id);
/// The attempts of a delivery, oldest first.
std::vector<webhook_attempt_row> read_webhook_attempts(db::connection& c,
                                                       stoa::webhook_delivery_id id);
/// The body of a message; empty when it has expired.
std::string read_webhook_body(db::connection& c, stoa::event_id event,
                              std::int64_t payload_version);

/// First deliveries (no replays) to an endpoint with the status that were created from `from` to
/// before `to`, oldest first, starting after the delivery `after`.
struct replayable_filter {
  stoa::webhook_id webhook_id;
  webhook_delivery_status status = webhook_delivery_status::Failed;
  timestamp from;
  timestamp to;
  std::optional<stoa::webhook_delivery_id> after;
  std::size_t limit = 100;
};
std::vector<webhook_delivery_row> replayable_webhook_deliveries(db::connection& c,
                                                                const replayable_filter& filter);

/// A delivery that the sweep sends.
struct due_webhook_delivery {
  stoa::webhook_delivery_id delivery_id;
  stoa::webhook_subject_id subject_id;
  stoa::event_id event_id;
};
/// Pending deliveries to an endpoint whose next attempt is due, oldest due time first.
std::vector<due_webhook_delivery> due_webhook_deliveries(db::connection& c,
                                                         stoa::webhook_id webhook, timestamp now,
                                                         std::size_t limit);
/// Creation time of the oldest Pending delivery to an endpoint.
std::optional<timestamp> oldest_pending_webhook_delivery(db::connection& c,
                                                         stoa::webhook_id webhook);

/// Makes all Pending deliveries to an endpoint due now: parameters now, webhook_id.
extern const db::sql wake_webhook_deliveries;
/// Ends all open deliveries to an endpoint as Failed: parameters now, webhook_id.
extern const db::sql fail_webhook_deliveries;

/// Finished deliveries, attempts and messages after their retention. Open deliveries stay.
extern const kernel::expiry expired_webhook_deliveries;
extern const kernel::expiry expired_webhook_attempts;
extern const kernel::expiry expired_webhook_messages;

}  // namespace stoa::notification
