#pragma once
// Accounts and their names in decisions. For the service's sources only.

#include "actors/user/user_service.hpp"

namespace stoa::user {

user_view view_of(const user_row& u);
/// The user as visible to the caller: staff also see metadata.
user_view view_for(const kernel::call_context& context, const user_row& u);

/// conflict with the folded names that another user has; empty when they are free. Null pointers
/// are not checked.
std::optional<problem> check_unique_names(user_service::decision& d, stoa::user_id self,
                                          const std::string* username, const std::string* email);

/// The user with this name or email address.
std::optional<user_row> user_of_login(db::connection& c, const std::string& login);

}  // namespace stoa::user
