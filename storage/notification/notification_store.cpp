#include "storage/notification/notification_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

const std::string notification_columns = db::column_list<notification_row>();

const db::sql by_id{"read notification", "SELECT " + notification_columns +
                                             " FROM notifications WHERE notification_id=$1"};
const db::sql log_of{"read notification log", "SELECT " + db::column_list<notification_log_row>() +
                                                  " FROM notification_logs"
                                                  " WHERE notification_id=$1 ORDER BY log_id"};
const db::sql reports_of{"read delivery reports",
                         "SELECT " + db::column_list<delivery_report_row>() +
                             " FROM delivery_reports"
                             " WHERE notification_id=$1 ORDER BY reported_at, report_id"};
const db::sql subscriptions_of{"read push subscriptions",
                               "SELECT " + db::column_list<push_subscription_row>() +
                                   " FROM push_subscriptions"
                                   " WHERE user_id=$1 ORDER BY created_at, subscription_id"};
const db::sql all_notifications{"list notifications",
                                "SELECT " + notification_columns +
                                    " FROM notifications WHERE notification_id<$1"
                                    " ORDER BY notification_id DESC LIMIT $2"};
const db::sql of_user{"list notifications of user",
                      "SELECT " + notification_columns +
                          " FROM notifications WHERE user_id=$3 AND notification_id<$1"
                          " AND (status=$4 OR $4 IS NULL)"
                          " ORDER BY notification_id DESC LIMIT $2"};
const db::sql by_status{"list notifications by status",
                        "SELECT " + notification_columns +
                            " FROM notifications WHERE status=$3 AND notification_id<$1"
                            " ORDER BY notification_id DESC LIMIT $2"};
// These two read only an index: a store may have millions of notifications.
const db::sql count_all{"count all notifications", "SELECT count(*) FROM notifications"};
const db::sql count_of_status{"count notifications of status",
                              "SELECT count(*) FROM notifications WHERE status=$1"};
const db::sql count_of_user{"count notifications of user",
                            "SELECT count(*) FROM notifications"
                            " WHERE user_id=$1 AND (status=$2 OR $2 IS NULL)"};
const db::sql due{"due notifications",
                  "SELECT notification_id FROM notifications"
                  " WHERE status='Pending' AND (next_attempt_at<=$1 OR next_attempt_at>$2)"
                  " ORDER BY next_attempt_at, notification_id LIMIT $3"};
const db::sql open{"open notifications",
                   "SELECT notification_id FROM notifications WHERE status='Pending'"
                   " ORDER BY next_attempt_at, notification_id LIMIT $1"};

const db::sql first_pending{"oldest pending notification",
                            "SELECT created_at FROM notifications WHERE status='Pending'"
                            " ORDER BY notification_id LIMIT 1"};
const db::sql first_due{"earliest attempt",
                        "SELECT next_attempt_at FROM notifications WHERE status='Pending'"
                        " ORDER BY next_attempt_at LIMIT 1"};
const db::sql opt_outs{"read opt-outs", "SELECT " + db::column_list<opt_out_row>() +
                                            " FROM notification_opt_outs WHERE owner=$1"
                                            " ORDER BY choice"};
const db::sql count_failed{"count failed notifications",
                           "SELECT count(*) FROM notifications"
                           " WHERE status='Failed' AND notification_id>=$1"};

std::vector<stoa::notification_id> ids(db::connection& c, const db::statement& what) {
  std::vector<stoa::notification_id> found;
  c.query(what, [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

}  // namespace

std::optional<notification_row> read_notification(db::connection& c, stoa::notification_id id) {
  auto found = db::select<notification_row>(c, by_id, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<notification_log_row> read_notification_log(db::connection& c,
                                                        stoa::notification_id id) {
  return db::select<notification_log_row>(c, log_of, db::params(id));
}

std::vector<delivery_report_row> read_delivery_reports(db::connection& c,
                                                       stoa::notification_id id) {
  return db::select<delivery_report_row>(c, reports_of, db::params(id));
}

std::vector<push_subscription_row> read_push_subscriptions(db::connection& c, stoa::user_id id) {
  return db::select<push_subscription_row>(c, subscriptions_of, db::params(id));
}

std::vector<notification_row> list_notifications(db::connection& c,
                                                 const notification_filter& filter) {
  stoa::notification_id last{};
  last.value.bytes.fill(0xFF);
  auto values = db::params(filter.before.value_or(last), static_cast<std::int64_t>(filter.limit));
  const db::sql* what = &all_notifications;
  if (filter.user_id) {
    what = &of_user;
    db::write_column(*filter.user_id, values);
    db::write_column(filter.status, values);
  } else if (filter.status) {
    what = &by_status;
    db::write_column(*filter.status, values);
  }
  return db::select<notification_row>(c, *what, std::move(values));
}

std::int64_t count_notifications(db::connection& c, const notification_filter& filter) {
  std::int64_t total = 0;
  const auto count = [&](const db::sql& what, std::vector<db::value> values) {
    c.query({&what, std::move(values)}, [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  };
  if (filter.user_id) {
    count(count_of_user, db::params(filter.user_id, filter.status));
  } else if (filter.status) {
    count(count_of_status, db::params(filter.status));
  } else {
    count(count_all, {});
  }
  return total;
}

std::vector<stoa::notification_id> due_notifications(db::connection& c, timestamp now,
                                                     timestamp latest, std::size_t limit) {
  return ids(c, {&due, db::params(now, latest, static_cast<std::int64_t>(limit))});
}

std::vector<stoa::notification_id> open_notifications(db::connection& c, std::size_t limit) {
  return ids(c, {&open, db::params(static_cast<std::int64_t>(limit))});
}

std::vector<opt_out_row> opt_outs_of(db::connection& c, const std::string& owner) {
  return db::select<opt_out_row>(c, opt_outs, db::params(owner));
}

std::optional<timestamp> earliest_attempt(db::connection& c) {
  std::optional<timestamp> found;
  c.query({&first_due, {}}, [&](db::row r) { found = timestamp{std::get<std::int64_t>(r[0])}; });
  return found;
}

std::optional<timestamp> oldest_pending(db::connection& c) {
  std::optional<timestamp> found;
  c.query({&first_pending, {}},
          [&](db::row r) { found = timestamp{std::get<std::int64_t>(r[0])}; });
  return found;
}

std::int64_t failed_since(db::connection& c, timestamp made) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, made.us / 1000));
  std::int64_t total = 0;
  c.query({&count_failed, db::params(make_uuid_v7(ms, 0, 0))},
          [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

}  // namespace stoa::notification
