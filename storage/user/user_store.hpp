#pragma once
// The User service's hand-written queries.

#include "storage/db/gathering.hpp"
#include "storage/kernel/expiry.hpp"
#include "storage/user/user.hpp"

namespace stoa::user {

/// Which users to list; newest first, behind the user `before`.
struct user_filter {
  std::optional<user_role> role;
  std::optional<stoa::user_id> before;
  std::size_t limit = 20;
  /// Of a mail address: that of today and that of earlier versions.
  std::optional<std::pair<std::string, std::string>> email_keys = std::nullopt;
};

std::optional<user_row> read_user(db::connection& c, stoa::user_id id);
/// The user whose folded name this is.
std::optional<user_row> read_user_by_name(db::connection& c, const std::string& folded);
/// The users whose mail addresses have one of the keys: two at most.
std::vector<user_row> read_users_by_mail(db::connection& c, const std::string& key,
                                         const std::string& other_key);
/// Users whose mail addresses have keys of an earlier version; `all`: also those whose key was
/// found taken before.
std::vector<old_mail_key_row> old_mail_keys(db::connection& c, bool all, std::size_t limit);
/// Users whose key is not that of their address: a node of an earlier version may have stored them
/// during a rolling upgrade.
std::vector<stoa::user_id> users_with_other_keys(db::connection& c, std::size_t limit);
std::vector<user_row> list_users(db::connection& c, const user_filter& filter);
/// How many there are in all, whatever `before` and `limit`.
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
/// What is of no use any more: sessions and verifications that have expired, and revocations of
/// tokens that have.
extern const kernel::expiry expired_sessions;
extern const kernel::expiry expired_revocations;
extern const kernel::expiry expired_verifications;

}  // namespace stoa::user
