#pragma once
// Functions shared by the routes of accounts and logins.

#include "net/front/client_limits.hpp"
#include "net/front/route.hpp"

namespace stoa::front {

enum class password_match {
  none,
  right,
  outdated  ///< right, but hashed before normalisation by an earlier version
};

/// Checks the password on the workers; with an empty hash the result is `none`, after the same
/// time. A password that is not normalised takes two checks, whether or not the user exists; each
/// is queued separately, so that it takes no more worker time than two requests. 503 when the queue
/// is full: the attempt does not count as a failure.
task<password_match> match_password(exchange& x, login_try attempt, std::string hash,
                                    std::string password);
/// Hashes the password on the workers.
task<std::string> hash_of(exchange& x, std::string password);

/// /store/v1/auth
void add_auth_routes(routes& r);

}  // namespace stoa::front
