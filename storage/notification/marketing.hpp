#pragma once
// Marketing: the consents of customers, and the announcements that staff send to them.

#include "storage/base/uuid.hpp"
#include "storage/db/records.hpp"

namespace stoa {
using announcement_id = id<struct announcement_tag>;
}

namespace stoa::notification {

enum class withdrawal { account, unsubscribe_link };
BOOST_DESCRIBE_ENUM(withdrawal, account, unsubscribe_link)

/// A user's consent to receive marketing by email. A withdrawn one is kept as the proof of both.
struct consent_row {
  static constexpr const char* table = "marketing_consents";
  static constexpr std::size_t key_columns = 1;
  stoa::user_id user_id;
  std::string email;                  ///< follows the account
  std::optional<std::string> locale;  ///< BCP 47; follows the account
  timestamp given_at;
  std::optional<timestamp> withdrawn_at;
  std::optional<withdrawal> withdrawn_by;
  std::int64_t version = 0;

  bool is_given() const { return !withdrawn_at; }
};
BOOST_DESCRIBE_STRUCT(consent_row, (),
                      (user_id, email, locale, given_at, withdrawn_at, withdrawn_by, version))

/// An announcement in one language.
struct announcement_text {
  static constexpr std::string_view schema_name = "announcement_text";
  std::string locale;  ///< BCP 47
  std::string subject;
  std::string text;  ///< paragraphs, separated by empty lines
  bool operator==(const announcement_text&) const = default;
};
BOOST_DESCRIBE_STRUCT(announcement_text, (), (locale, subject, text))

enum class announcement_status { Sending, Finished, Cancelled };
BOOST_DESCRIBE_ENUM(announcement_status, Sending, Finished, Cancelled)

/// An announcement and its progress: the recipients are processed in the order of their ids.
struct announcement_row {
  static constexpr const char* table = "announcements";
  static constexpr std::size_t key_columns = 1;
  stoa::announcement_id announcement_id;
  announcement_status status = announcement_status::Sending;
  std::vector<announcement_text> texts;
  std::string created_by;
  timestamp created_at;
  std::optional<timestamp> finished_at;       ///< Finished or Cancelled
  std::optional<stoa::user_id> last_user_id;  ///< the last recipient that was processed
  std::int64_t created = 0;                   ///< notifications
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(announcement_row, (),
                      (announcement_id, status, texts, created_by, created_at, finished_at,
                       last_user_id, created, version))

/// Numbers of an announcement's notifications.
struct announcement_counts {
  std::int64_t pending = 0;
  std::int64_t sent = 0;
  std::int64_t failed = 0;
};

std::optional<announcement_row> read_announcement(db::connection& c, stoa::announcement_id id);
/// Newest first, older than `before`.
std::vector<announcement_row> list_announcements(db::connection& c,
                                                 std::optional<stoa::announcement_id> before,
                                                 std::size_t limit);
/// Those that are Sending, oldest first.
std::vector<announcement_row> open_announcements(db::connection& c);
announcement_counts count_notifications_of(db::connection& c, stoa::announcement_id id);
/// How many of the announcement's notifications are Pending, at most `limit`.
std::size_t pending_notifications_of(db::connection& c, stoa::announcement_id id,
                                     std::size_t limit);
/// The users after this one with a consent that is not withdrawn, in the order of their ids.
std::vector<stoa::user_id> consenting_users(db::connection& c, stoa::user_id after,
                                            std::size_t limit);
std::optional<consent_row> read_consent(db::connection& c, stoa::user_id id);
/// $1: how many of the newest are kept.
extern const db::sql prune_announcements;

}  // namespace stoa::notification
