// Descriptions of the members of the schemas of outgoing webhooks.

#include "net/front/openapi_texts.hpp"

namespace stoa::front::openapi {

namespace {

constexpr member_text webhook_rows[] = {
    {"webhook", "created_at", "When the endpoint was created."},
    {"webhook", "description", "A note for staff; absent when there is none."},
    {"webhook", "disabled_at", "When the endpoint was disabled; absent while it is enabled."},
    {"webhook", "disabled_reason",
     "Why it was disabled: by_staff; failing: all attempts failed for days; gone: it answered 410. "
     "Absent while it is enabled."},
    {"webhook", "event_types", "The types of events that it receives; * means all."},
    {"webhook", "failing_since", "All attempts since then have failed; absent after a success."},
    {"webhook", "payload_version", "The version of the data in the events that it receives."},
    {"webhook", "previous_secret_until",
     "Until when the previous secret also signs; absent without a rotation."},
    {"webhook", "url", "The URL that receives the events."},
    {"webhook", "webhook_id", "The id of the endpoint."},
    {"webhook_attempt", "attempt_id", "The id of the attempt."},
    {"webhook_attempt", "attempted_at", "When the attempt ended."},
    {"webhook_attempt", "duration_ms", "The duration of the attempt, in ms."},
    {"webhook_attempt", "error", "Why there is no response; absent with one."},
    {"webhook_attempt", "outcome",
     "completed: there is a response; otherwise why there is none: timed_out, unreachable, "
     "not_allowed and others."},
    {"webhook_attempt", "response", "The first 1,024 bytes of the response; absent when empty."},
    {"webhook_attempt", "status", "The status of the response; absent without one."},
    {"webhook_cancellation_data", "failure_code",
     "The failure code of the payment, with the code payment_failed."},
    {"webhook_cancellation_data", "reason", "The reason, for display."},
    {"webhook_delivery", "attempts", "The number of attempts that have ended."},
    {"webhook_delivery", "created_at", "When the delivery was created."},
    {"webhook_delivery", "delivery_id", "The id of the delivery."},
    {"webhook_delivery", "event_id",
     "The id of the event, sent as webhook-id; the same for all endpoints and replays."},
    {"webhook_delivery", "event_type", "The type of the event."},
    {"webhook_delivery", "finished_at", "When it was delivered or given up; absent before."},
    {"webhook_delivery", "last_error", "Why the last attempt got no response; absent otherwise."},
    {"webhook_delivery", "last_status",
     "The status of the last response; absent if the last attempt got none."},
    {"webhook_delivery", "next_attempt_at", "When it is sent next; present while Pending."},
    {"webhook_delivery", "replay_of", "The delivery that this one repeats; absent for others."},
    {"webhook_delivery", "status",
     "Waiting for an earlier event of the order, Pending, Delivered or Failed."},
    {"webhook_delivery", "subject_id",
     "The id of the order that the event is about; for a test, that of the endpoint."},
    {"webhook_delivery", "webhook_id", "The id of the endpoint."},
    {"webhook_delivery_detail", "attempts", "The attempts, oldest first."},
    {"webhook_delivery_detail", "body", "The body that is sent; empty after it has expired."},
    {"webhook_delivery_detail", "delivery", "The delivery."},
    {"webhook_order", "customer_name", "The name of the customer; empty when unknown."},
    {"webhook_order", "lines", "The lines as ordered."},
    {"webhook_order", "locale", "The locale of the checkout (BCP 47); absent when unknown."},
    {"webhook_order", "order_number", "The number of the order, for display; unique in the store."},
    {"webhook_order", "phone", "The phone number of the customer; absent when unknown."},
    {"webhook_order", "price_parts", "The parts of the total besides the lines."},
    {"webhook_order", "total", "The total amount: the sum of the lines and of price_parts."},
    {"webhook_order_data", "order", "The order."},
    {"webhook_cancellation_data", "order", "The order."},
    {"webhook_refund_data", "amount", "The amount of the refund."},
    {"webhook_refund_data", "order", "The order."},
    {"webhook_order_line", "name", "The product name at the time of the order."},
    {"webhook_order_line", "options", "The selected options, such as a size."},
    {"webhook_order_line", "sku", "The SKU at the time of the order; absent without one."},
    {"webhook_replay", "next_after",
     "The `after` of the request for the other deliveries; absent when there are none."},
    {"webhook_replay", "replayed", "The number of deliveries that are sent again."},
    {"webhook_replay", "skipped",
     "The number of deliveries that are not sent again: the event is being delivered, or its body "
     "has expired."},
    {"webhook_test_data", "webhook_id", "The id of the endpoint."},
    {"webhook_with_secret", "secret", "The secret that signs the requests. Shown only now."},
    {"webhook_with_secret", "webhook", "The endpoint."},
};

}  // namespace

std::span<const member_text> webhook_texts() {
  return webhook_rows;
}

}  // namespace stoa::front::openapi
