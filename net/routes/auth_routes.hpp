#pragma once
// What the routes of accounts and of logins share.

#include "net/front/client_limits.hpp"
#include "net/front/route.hpp"

namespace stoa::front {

enum class password_match {
  none,
  right,
  outdated  ///< right, but hashed by an earlier version as it was sent, and not normalised
};

/// Asks the password workers; with an empty hash the answer is `none`, after the same time. A
/// password that is not normalised costs two checks, whether or not there is such a user: each
/// waits for its turn, so that it takes no more of the workers than two requests would. 503 when
/// the queue is full: the attempt does not count as a failure.
task<password_match> match_password(exchange& x, login_try attempt, std::string hash,
                                    std::string password);
/// The password's hash, by the password workers.
task<std::string> hash_of(exchange& x, std::string password);

/// /store/v1/auth
void add_auth_routes(routes& r);

}  // namespace stoa::front
