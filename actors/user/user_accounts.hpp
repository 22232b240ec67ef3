#pragma once
// Accounts and their names, as the decisions of the service see them. For the service's own
// sources.

#include "actors/user/user_service.hpp"

namespace stoa::user {

user_view view_of(const user_row& u);
/// As the caller sees the user: staff with what is for them alone.
user_view view_for(const kernel::call_context& context, const user_row& u);

/// Tells which of the folded names another user has; nothing when they are free. A null pointer is
/// not looked at.
std::optional<problem> refuse_taken(user_service::decision& d, stoa::user_id self,
                                    const std::string* username, const std::string* email);

/// The user of that name or mail address.
std::optional<user_row> user_of_login(db::connection& c, const std::string& login);

}  // namespace stoa::user
