#include "storage/notification/webhook_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

const std::string endpoint_columns = db::column_list<webhook_endpoint_row>();
const std::string delivery_columns = db::column_list<webhook_delivery_row>();

const db::sql all_endpoints{"list webhook endpoints", "SELECT " + endpoint_columns +
                                                          " FROM webhook_endpoints WHERE list=0"
                                                          " ORDER BY webhook_id"};
const db::sql endpoint_by_id{
    "read webhook endpoint",
    "SELECT " + endpoint_columns + " FROM webhook_endpoints WHERE webhook_id=$1"};
const db::sql all_deliveries{"list webhook deliveries",
                             "SELECT " + delivery_columns +
                                 " FROM webhook_deliveries WHERE webhook_id=$1 AND delivery_id<$2"
                                 " ORDER BY delivery_id DESC LIMIT $3"};
const db::sql deliveries_by_status{
    "list webhook deliveries by status",
    "SELECT " + delivery_columns +
        " FROM webhook_deliveries WHERE webhook_id=$1 AND status=$4 AND delivery_id<$2"
        " ORDER BY delivery_id DESC LIMIT $3"};
const db::sql delivery_by_id{
    "read webhook delivery",
    "SELECT " + delivery_columns + " FROM webhook_deliveries WHERE delivery_id=$1"};
const db::sql attempts_of{"read webhook attempts", "SELECT " +
                                                       db::column_list<webhook_attempt_row>() +
                                                       " FROM webhook_attempts WHERE delivery_id=$1"
                                                       " ORDER BY attempt_id"};
const db::sql body_of{"read webhook body",
                      "SELECT body FROM webhook_messages WHERE event_id=$1 AND payload_version=$2"};
// The ids are ordered by time: they select about the range, the column selects it exactly.
const db::sql replayable{"replayable webhook deliveries",
                         "SELECT " + delivery_columns +
                             " FROM webhook_deliveries WHERE webhook_id=$1 AND status=$2"
                             " AND delivery_id>$3 AND delivery_id<$4"
                             " AND created_at>=$5 AND created_at<$6 AND replay_of IS NULL"
                             " ORDER BY delivery_id LIMIT $7"};
const db::sql due_to_endpoint{"due webhook deliveries",
                              "SELECT delivery_id,subject_id,event_id FROM webhook_deliveries"
                              " WHERE webhook_id=$1 AND status='Pending' AND next_attempt_at<=$2"
                              " ORDER BY next_attempt_at LIMIT $3"};
const db::sql first_pending_delivery{"oldest pending webhook delivery",
                                     "SELECT created_at FROM webhook_deliveries"
                                     " WHERE webhook_id=$1 AND status='Pending'"
                                     " ORDER BY delivery_id LIMIT 1"};

/// Clocks of writers may differ by this much.
constexpr seconds id_margin{60};

stoa::webhook_delivery_id id_at(timestamp at) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.us / 1000));
  return {make_uuid_v7(ms, 0, 0)};
}

}  // namespace

const db::sql wake_webhook_deliveries{
    "wake webhook deliveries",
    "UPDATE webhook_deliveries SET next_attempt_at=$1, version=version+1"
    " WHERE webhook_id=$2 AND status='Pending'"};
const db::sql fail_webhook_deliveries{
    "fail webhook deliveries",
    "UPDATE webhook_deliveries SET status='Failed', finished_at=$1, version=version+1"
    " WHERE webhook_id=$2 AND status IN ('Waiting','Pending')"};

const kernel::expiry expired_webhook_deliveries = kernel::expiry_of(
    "webhook_deliveries", "delivery_id", "expires_at", {}, " AND status IN ('Delivered','Failed')");
const kernel::expiry expired_webhook_attempts =
    kernel::expiry_of("webhook_attempts", "attempt_id", "expires_at");
const kernel::expiry expired_webhook_messages =
    kernel::expiry_of("webhook_messages", "event_id,payload_version", "expires_at");

std::vector<webhook_endpoint_row> list_webhook_endpoints(db::connection& c) {
  return db::select<webhook_endpoint_row>(c, all_endpoints, {});
}

std::optional<webhook_endpoint_row> read_webhook_endpoint(db::connection& c, stoa::webhook_id id) {
  auto found = db::select<webhook_endpoint_row>(c, endpoint_by_id, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<webhook_delivery_row> list_webhook_deliveries(db::connection& c,
                                                          const webhook_delivery_filter& filter) {
  stoa::webhook_delivery_id last{};
  last.value.bytes.fill(0xFF);
  auto values = db::params(filter.webhook_id, filter.before.value_or(last),
                           static_cast<std::int64_t>(filter.limit));
  if (!filter.status) return db::select<webhook_delivery_row>(c, all_deliveries, std::move(values));
  db::write_column(*filter.status, values);
  return db::select<webhook_delivery_row>(c, deliveries_by_status, std::move(values));
}

std::optional<webhook_delivery_row> read_webhook_delivery(db::connection& c,
                                                          stoa::webhook_delivery_id id) {
  auto found = db::select<webhook_delivery_row>(c, delivery_by_id, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<webhook_attempt_row> read_webhook_attempts(db::connection& c,
                                                       stoa::webhook_delivery_id id) {
  return db::select<webhook_attempt_row>(c, attempts_of, db::params(id));
}

std::string read_webhook_body(db::connection& c, stoa::event_id event,
                              std::int64_t payload_version) {
  std::string body;
  c.query({&body_of, db::params(event, payload_version)},
          [&](db::row r) { body = std::move(std::get<std::string>(r[0])); });
  return body;
}

std::vector<webhook_delivery_row> replayable_webhook_deliveries(db::connection& c,
                                                                const replayable_filter& f) {
  return db::select<webhook_delivery_row>(
      c, replayable,
      db::params(f.webhook_id, f.status, f.after.value_or(id_at(f.from - id_margin)),
                 id_at(f.to + id_margin), f.from, f.to, static_cast<std::int64_t>(f.limit)));
}

std::vector<due_webhook_delivery> due_webhook_deliveries(db::connection& c,
                                                         stoa::webhook_id webhook, timestamp now,
                                                         std::size_t limit) {
  std::vector<due_webhook_delivery> found;
  c.query(
      {&due_to_endpoint, db::params(webhook, now, static_cast<std::int64_t>(limit))},
      [&](db::row r) {
        found.push_back({{std::get<uuid>(r[0])}, {std::get<uuid>(r[1])}, {std::get<uuid>(r[2])}});
      });
  return found;
}

std::optional<timestamp> oldest_pending_webhook_delivery(db::connection& c,
                                                         stoa::webhook_id webhook) {
  std::optional<timestamp> found;
  c.query({&first_pending_delivery, db::params(webhook)},
          [&](db::row r) { found = timestamp{std::get<std::int64_t>(r[0])}; });
  return found;
}

}  // namespace stoa::notification
