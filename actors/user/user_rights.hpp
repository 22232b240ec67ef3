#pragma once
// Access rules for accounts. For the service's sources only.

#include "actors/kernel/message.hpp"

namespace stoa::user {

inline bool is_system(const kernel::call_context& context) {
  return context.who.kind == kernel::caller_kind::system;
}

inline bool is_admin(const kernel::call_context& context) {
  return is_system(context) ||
         (context.who.is_user() && context.who.user_role == kernel::role::admin);
}

/// Only the user and the system may act on an account.
inline bool is_self(const kernel::call_context& context, stoa::user_id id) {
  return is_system(context) || (context.who.is_user() && context.who.user == id);
}

}  // namespace stoa::user
