#pragma once
// Who may do what to accounts. For the service's own sources.

#include "actors/kernel/message.hpp"

namespace stoa::user {

inline bool is_system(const kernel::call_context& context) {
  return context.who.kind == kernel::caller_kind::system;
}

inline bool is_admin(const kernel::call_context& context) {
  return is_system(context) ||
         (context.who.is_user() && context.who.user_role == kernel::role::admin);
}

/// Accounts are their users' own business.
inline bool is_self(const kernel::call_context& context, stoa::user_id id) {
  return is_system(context) || (context.who.is_user() && context.who.user == id);
}

}  // namespace stoa::user
