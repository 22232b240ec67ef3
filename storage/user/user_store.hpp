#pragma once
// The User service's hand-written queries.

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

}  // namespace stoa::user
