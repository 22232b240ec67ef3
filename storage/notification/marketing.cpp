#include "storage/notification/marketing.hpp"

#include "storage/notification/notification.hpp"

namespace stoa::notification {

namespace {

const std::string columns = db::column_list<announcement_row>();

const db::sql one_announcement{"read announcement", "SELECT " + columns +
                                                        " FROM announcements"
                                                        " WHERE announcement_id=$1"};
const db::sql newest_announcements{"list announcements",
                                   "SELECT " + columns +
                                       " FROM announcements WHERE announcement_id<$1"
                                       " ORDER BY announcement_id DESC LIMIT $2"};
const db::sql sending_announcements{"open announcements",
                                    "SELECT " + columns +
                                        " FROM announcements WHERE status='Sending'"
                                        " ORDER BY announcement_id"};
const db::sql count_by_status{"count notifications of announcement",
                              "SELECT status,count(*) FROM notifications"
                              " WHERE announcement_id=$1 GROUP BY status"};
const db::sql some_pending{"pending notifications of announcement",
                           "SELECT count(*) FROM (SELECT 1 FROM notifications"
                           " WHERE announcement_id=$1 AND status='Pending' LIMIT $2) AS waiting"};
const db::sql next_consents{"next consents",
                            "SELECT user_id FROM marketing_consents"
                            " WHERE user_id>$1 AND withdrawn_at IS NULL ORDER BY user_id LIMIT $2"};
const db::sql one_consent{"read consent", "SELECT " + db::column_list<consent_row>() +
                                              " FROM marketing_consents WHERE user_id=$1"};

}  // namespace

const db::sql prune_announcements{
    "prune announcements",
    "DELETE FROM announcements WHERE status<>'Sending' AND announcement_id NOT IN"
    " (SELECT announcement_id FROM announcements ORDER BY announcement_id DESC LIMIT $1)"};

std::optional<announcement_row> read_announcement(db::connection& c, stoa::announcement_id id) {
  auto found = db::select<announcement_row>(c, one_announcement, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<announcement_row> list_announcements(db::connection& c,
                                                 std::optional<stoa::announcement_id> before,
                                                 std::size_t limit) {
  stoa::announcement_id last{};
  last.value.bytes.fill(0xFF);
  return db::select<announcement_row>(
      c, newest_announcements, db::params(before.value_or(last), static_cast<std::int64_t>(limit)));
}

std::vector<announcement_row> open_announcements(db::connection& c) {
  return db::select<announcement_row>(c, sending_announcements, {});
}

announcement_counts count_notifications_of(db::connection& c, stoa::announcement_id id) {
  announcement_counts counts;
  c.query({&count_by_status, db::params(id)}, [&](db::row r) {
    const auto status = enum_value<notification_status>(std::get<std::string>(r[0]));
    const auto count = std::get<std::int64_t>(r[1]);
    if (status == notification_status::Pending) counts.pending = count;
    if (status == notification_status::Sent) counts.sent = count;
    if (status == notification_status::Failed) counts.failed = count;
  });
  return counts;
}

std::size_t pending_notifications_of(db::connection& c, stoa::announcement_id id,
                                     std::size_t limit) {
  std::int64_t found = 0;
  c.query({&some_pending, db::params(id, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return static_cast<std::size_t>(found);
}

std::vector<stoa::user_id> consenting_users(db::connection& c, stoa::user_id after,
                                            std::size_t limit) {
  std::vector<stoa::user_id> found;
  c.query({&next_consents, db::params(after, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::optional<consent_row> read_consent(db::connection& c, stoa::user_id id) {
  auto found = db::select<consent_row>(c, one_consent, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace stoa::notification
