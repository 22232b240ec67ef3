#pragma once
// A user's sessions, as the decisions of the service see them. For the service's own sources.

#include "actors/user/user_service.hpp"

namespace stoa::user {

/// Which counter numbers the revocations of the user's sessions.
std::int64_t revocation_shard_of(stoa::user_id id);

/// Asks for all sessions of the user, and for what revoking them needs.
void needs_sessions(stoa::user_id id, user_service::need_list& list);

/// Those that have not been revoked. A pointer is good until its session is erased.
std::vector<const session_row*> live_sessions(user_service::decision& d, stoa::user_id id);

}  // namespace stoa::user
