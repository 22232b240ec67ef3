// Reports of SMS providers on the delivery of messages. The provider's module verifies the
// signature over the raw body; 2xx only after the report is durable. 503, 504: retry; other errors:
// a repeat of the same request fails again.

#include "actors/notification/report_verifier.hpp"
#include "net/front/front_metrics.hpp"
#include "net/routes/all_routes.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

using namespace stoa::notification;
using response_task = task<http::response>;

constexpr std::size_t report_bytes_max = 16 * 1024;

struct twilio_report_query {
  stoa::notification_id notification_id;
  static constexpr json::rule rules[] = {
      {.field = "notification_id", .description = "The notification that the message is of."}};
};
BOOST_DESCRIBE_STRUCT(twilio_report_query, (), (notification_id))

response_task receive_report(exchange& x, std::string provider, std::string notification_id) {
  const auto found = x.shared->reports.find(provider);
  if (found == x.shared->reports.end()) fail(not_found("SMS provider"));
  const auto field = x.request->header(found->second->signature_field());
  auto report = found->second->verify(
      {x.request->body, field ? *field : std::string_view(), notification_id, store_time().now()});
  if (!report) {
    x.shared->metrics->delivery_report(provider, "rejected");
    fail(std::move(report.error()));
  }
  report_receipt receipt;
  if (auto& command = *report) receipt = co_await x.command(std::move(*command));
  x.shared->metrics->delivery_report(provider, enum_name(receipt.outcome));
  co_return x.json(200, receipt);
}

about report_route(std::string id, std::string summary, std::string description) {
  return {.id = std::move(id),
          .tag = "webhooks",
          .summary = std::move(summary),
          .description = std::move(description),
          .errors = {404},
          .is_signed = true,
          .same_for_all = true,
          .limit = limit_class::none,
          .body_bytes_max = report_bytes_max};
}

}  // namespace

void add_sms_routes(routes& r) {
  auto twilio = report_route(
      "receive_twilio_report", "Receive a status of a text message from Twilio",
      "Called by Twilio, not by clients of the store, at the URL that Stoa gives with each "
      "message. "
      "The header field `X-Twilio-Signature` signs the URL and the form. 400 without a valid "
      "signature. The statuses sent, delivered, undelivered and failed of a message are recorded "
      "once each; others are ignored. A delivered message stays Sent, whatever is reported later.");
  twilio.body_type = "application/x-www-form-urlencoded";
  r.post_file<twilio_report_query, report_receipt>(
      "/hooks/sms/twilio", std::move(twilio), [](exchange& x, const twilio_report_query& q) {
        return receive_report(x, "twilio", q.notification_id.str());
      });
  r.post_file<none, report_receipt>(
      "/hooks/sms/http",
      report_route(
          "receive_sms_report", "Receive a status of a text message from the generic provider",
          "Called by the generic provider of text messages, not by clients of the store. The body "
          "has the members `id` (that of the request), `message_id` (the provider's), `status` "
          "(sent, delivered, undelivered or failed) and optionally `error`. The header field "
          "`Stoa-Report-Signature: t=<seconds since 1970>,v1=<HMAC-SHA-256 of t.body, in hex>` "
          "signs it. 400 without a valid signature, or if its time is more than 5 minutes off."),
      [](exchange& x, none) { return receive_report(x, "http", ""); });
}

}  // namespace stoa::front
