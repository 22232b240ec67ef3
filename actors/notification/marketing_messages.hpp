#pragma once
// Announcements: messages of staff to the customers who have agreed to marketing.

#include "actors/kernel/message.hpp"
#include "storage/notification/notification.hpp"

namespace stoa::notification {

inline constexpr std::size_t open_announcements_max = 10;
/// Recipients that are processed at a time.
inline constexpr std::size_t announcement_step = 50;
/// While so many emails of all announcements are Pending, no others are created: receipts are not
/// delayed by more than these.
inline constexpr std::size_t announcement_pending_max = 50;
inline constexpr std::int64_t announcements_kept = 1000;

struct announcement_view {
  static constexpr std::string_view schema_name = "announcement";
  stoa::announcement_id announcement_id;
  announcement_status status = announcement_status::Sending;
  std::vector<announcement_text> texts;
  std::string created_by;
  timestamp created_at;
  std::optional<timestamp> finished_at;
  std::int64_t created = 0;
};
BOOST_DESCRIBE_STRUCT(announcement_view, (),
                      (announcement_id, status, texts, created_by, created_at, finished_at,
                       created))

/// With the state of its notifications.
struct announcement_detail_view {
  static constexpr std::string_view schema_name = "announcement_detail";
  announcement_view announcement;
  std::int64_t pending = 0;
  std::int64_t sent = 0;
  std::int64_t failed = 0;
};
BOOST_DESCRIBE_STRUCT(announcement_detail_view, (), (announcement, pending, sent, failed))

struct announcement_page {
  static constexpr std::string_view schema_name = "announcement_list";
  std::vector<announcement_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(announcement_page, (), (data, next_cursor))

/// Starts an announcement; staff only. conflict too_many_announcements, unsubscribe_url_missing.
struct create_announcement {
  static constexpr std::string_view name = "notification.create_announcement";
  using reply = announcement_view;
  stoa::announcement_id announcement_id;
  std::vector<announcement_text> texts;
};
BOOST_DESCRIBE_STRUCT(create_announcement, (), (announcement_id, texts))

/// Ends it: no further notifications are created. Staff only. conflict announcement_ended.
struct cancel_announcement {
  static constexpr std::string_view name = "notification.cancel_announcement";
  using reply = announcement_view;
  stoa::announcement_id announcement_id;
};
BOOST_DESCRIBE_STRUCT(cancel_announcement, (), (announcement_id))

/// Creates the notifications of the next recipients; without any, the announcement is Finished.
/// Does nothing if it has gone on from `after` already. Internal.
struct advance_announcement {
  static constexpr std::string_view name = "notification.advance_announcement";
  using reply = kernel::nothing;
  stoa::announcement_id announcement_id;
  std::optional<stoa::user_id> after;
  std::vector<stoa::user_id> users;
};
BOOST_DESCRIBE_STRUCT(advance_announcement, (), (announcement_id, after, users))

/// Newest first; staff only.
struct list_announcements_query {
  static constexpr std::string_view name = "notification.list_announcements";
  using reply = announcement_page;
  std::optional<stoa::announcement_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_announcements_query, (), (before, limit))

struct get_announcement {
  static constexpr std::string_view name = "notification.get_announcement";
  using reply = announcement_detail_view;
  stoa::announcement_id announcement_id;
};
BOOST_DESCRIBE_STRUCT(get_announcement, (), (announcement_id))

}  // namespace stoa::notification
