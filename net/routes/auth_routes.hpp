#pragma once
// What the routes of accounts and of logins share.

#include "net/front/client_limits.hpp"
#include "net/front/route.hpp"

namespace stoa::front {

/// Asks the password workers; with an empty hash the answer is false, after the same time. 503 when
/// the queue is full: the attempt does not count as a failure.
task<bool> is_password(exchange& x, login_try attempt, std::string hash, std::string password);
/// The password's hash, by the password workers.
task<std::string> hash_of(exchange& x, std::string password);

/// /store/v1/auth
void add_auth_routes(routes& r);

}  // namespace stoa::front
