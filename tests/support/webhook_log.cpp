#include "tests/support/webhook_log.hpp"

#include "tests/support/store_checker.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::test {
namespace {

constexpr const char* history = R"(
  SELECT hex(order_id), 'order.' || lower(status) FROM order_db.order_status_history
  WHERE status <> 'Pending' ORDER BY order_id, coalesce(seq, 0), history_id)";
constexpr const char* refunds =
    "SELECT hex(order_id) FROM payment_db.payments WHERE status = 'Refunded' AND amount > 0";
constexpr const char* logged_deliveries = R"(
  SELECT hex(d.event_id), d.event_type, d.status, d.attempts, count(a.attempt_id),
         total(a.status BETWEEN 200 AND 299) > 0
  FROM notification_db.webhook_deliveries d
       LEFT JOIN notification_db.webhook_attempts a USING(delivery_id) GROUP BY d.delivery_id)";
constexpr const char* logged_responses = R"(
  SELECT hex(d.event_id), a.status, count(*) FROM notification_db.webhook_attempts a
  JOIN notification_db.webhook_deliveries d USING(delivery_id)
  WHERE a.status IS NOT NULL GROUP BY 1, 2)";

constexpr const char* subscribed_types =
    R"(["order.confirmed","order.shipped","order.delivered","order.cancelled","order.refunded"])";

}  // namespace

order_events events_of_orders(const std::filesystem::path& data) {
  store_files files(data);
  order_events all;
  for (const auto& row : files.rows(history)) all[uuid_text(row[0])].push_back(row[1]);
  for (const auto& row : files.rows(refunds)) all[uuid_text(row[0])].push_back("order.refunded");
  return all;
}

webhook_log read_webhook_log(const std::filesystem::path& data,
                             const std::vector<received_webhook>& received) {
  store_files files(data);
  webhook_log log;
  std::map<std::string, std::int64_t> requests;                           // by event
  std::map<std::pair<std::string, std::string>, std::int64_t> responses;  // by event and status
  for (const auto& r : received) {
    ++requests[r.id];
    ++responses[{r.id, std::to_string(r.status)}];
  }
  for (const auto& row : files.rows(logged_deliveries)) {
    const auto event = uuid_text(row[0]);
    const auto where = row[1] + " " + event;
    const auto attempts = std::stoll(row[4]);
    ++log.deliveries;
    log.attempts += attempts;
    log.interrupted += std::max<std::int64_t>(0, requests[event] - attempts);
    if (row[2] != "Delivered") log.violations.push_back("not delivered: " + where + " " + row[2]);
    if (row[3] != row[4]) log.violations.push_back("attempts are not in the log: " + where);
    if (row[2] == "Delivered" && row[5] != "1") {
      log.violations.push_back("delivered without a successful attempt: " + where);
    }
  }
  for (const auto& row : files.rows(logged_responses)) {
    const auto event = uuid_text(row[0]);
    if (std::stoll(row[2]) <= responses[{event, row[1]}]) continue;
    log.violations.push_back("a response that was not sent is in the log: " + row[1] + " to " +
                             event);
  }
  return log;
}

std::string subscribe_webhook(std::uint16_t port, const std::string& url) {
  visitor v(port);
  const auto made = v.client.post(
      "/admin/v1/webhooks", R"({"url":")" + url + R"(","event_types":)" + subscribed_types + "}",
      v.log_in("root"));
  if (made.status != 201) throw std::runtime_error("a webhook's endpoint: " + made.body);
  return text_at(made.json(), "/secret");
}

}  // namespace stoa::test
