#pragma once
// The User service's hand-written queries.

#include "storage/db/gathering.hpp"
#include "storage/kernel/expiry.hpp"
#include "storage/user/user.hpp"

namespace stoa::user {

/// Filter of the user list; newest first, starting after the user `before`.
struct user_filter {
  std::optional<user_role> role;
  std::optional<stoa::user_id> before;
  std::size_t limit = 20;
  /// Keys of an email address: the current one and that of earlier versions.
  std::optional<std::pair<std::string, std::string>> email_keys = std::nullopt;
};

std::optional<user_row> read_user(db::connection& c, stoa::user_id id);
/// The user with this folded name.
std::optional<user_row> read_user_by_name(db::connection& c, const std::string& folded);
/// The users whose email addresses have one of the keys; at most two.
std::vector<user_row> read_users_by_mail(db::connection& c, const std::string& key,
                                         const std::string& other_key);
/// Users whose email addresses have keys of an earlier version; `all`: also those with a known
/// conflict.
std::vector<old_mail_key_row> outdated_mail_keys(db::connection& c, bool all, std::size_t limit);
/// Users whose key does not match their address, because a node of an earlier version stored them
/// during a rolling upgrade.
std::vector<stoa::user_id> users_with_other_keys(db::connection& c, std::size_t limit);
std::vector<user_row> list_users(db::connection& c, const user_filter& filter);
/// The total number, ignoring `before` and `limit`.
std::int64_t count_users(db::connection& c, const user_filter& filter);
/// The user's addresses, oldest first.
std::vector<user_profile_row> profiles_of_user(db::connection& c, stoa::user_id id);

/// All counters of revocations.
db::gathering::found<revocation_counter_row> ask_revocation_counters(db::gathering& all);
/// The session, if there is one.
db::gathering::found<session_row> ask_session(db::gathering& all, stoa::session_id family);
/// A shard's revocations after number `seen`, in order.
std::vector<revocation_row> revocations_after(db::connection& c, std::int64_t shard,
                                              std::int64_t seen, std::size_t limit);
/// Expired sessions and verifications, and revocations of expired tokens.
extern const kernel::expiry expired_sessions;
extern const kernel::expiry expired_revocations;
extern const kernel::expiry expired_verifications;

}  // namespace stoa::user
