#pragma once
// A user's sessions in decisions. For the service's sources only.

#include "actors/user/user_service.hpp"

namespace stoa::user {

/// The counter that numbers the revocations of the user's sessions.
std::int64_t revocation_shard_of(stoa::user_id id);

/// Adds the needs for revoking all sessions of the user.
void needs_sessions(stoa::user_id id, user_service::need_list& list);

/// The sessions that are not revoked. Pointers are valid until their session is erased.
std::vector<const session_row*> live_sessions(user_service::decision& d, stoa::user_id id);

}  // namespace stoa::user
