#pragma once
// The User service's hand-written queries.

#include "storage/db/gathering.hpp"
#include "storage/user/user.hpp"

namespace stoa::user {

/// Which users to list; newest first, behind the user `before`.
struct user_filter {
  std::optional<user_role> role;
  std::optional<stoa::user_id> before;
  std::size_t limit = 20;
};

std::optional<user_row> read_user(db::connection& c, stoa::user_id id);
/// The user whose folded name or mail address this is. (No user name holds an '@'.)
std::optional<user_row> read_user_by_login(db::connection& c, const std::string& folded);
std::vector<user_row> list_users(db::connection& c, const user_filter& filter);
/// The user's addresses, oldest first.
std::vector<user_profile_row> profiles_of_user(db::connection& c, stoa::user_id id);
/// Sessions whose time has passed, oldest first.
std::vector<stoa::session_id> expired_sessions(db::connection& c, timestamp now, std::size_t limit);

/// All counters of revocations.
db::gathering::found<revocation_counter_row> ask_revocation_counters(db::gathering& all);
/// The session, if there is one.
db::gathering::found<session_row> ask_session(db::gathering& all, stoa::session_id family);
/// A shard's revocations after number `seen`, in order.
std::vector<revocation_row> revocations_after(db::connection& c, std::int64_t shard,
                                              std::int64_t seen, std::size_t limit);
/// Verifications whose time has passed, oldest first.
std::vector<verification_id> expired_verifications(db::connection& c, timestamp now,
                                                   std::size_t limit);
/// Whether some revocation need not be kept any longer.
bool has_old_revocations(db::connection& c, timestamp now);
/// Deletes those.
extern const db::sql delete_old_revocations;

}  // namespace stoa::user
