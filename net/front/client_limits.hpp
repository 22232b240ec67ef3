#pragma once
// The limits of clients as requests meet them: who the client of a request is, and what is answered
// when it has gone too far.

#include "net/front/exchange.hpp"
#include "net/front/login_guard.hpp"
#include "net/front/rate_limits.hpp"
#include "net/front/shared_limits.hpp"
#include "net/token/device_token.hpp"

#include <memory>
#include <optional>
#include <string>

namespace stoa::user {
struct password_client;
class password_workers;
}  // namespace stoa::user

namespace stoa::front {

/// A login under way. A failure needs no call.
struct login_try {
  login_attempt attempt;
  login_verdict verdict;
  std::optional<token::device> device;  ///< of the token that the request showed
};

/// Thread-safe.
class client_limits {
 public:
  /// `shared` may be null. Everything outlives this.
  client_limits(const settings& s, const token::server_secret& secret, shared_limits* shared,
                prometheus::Registry* registry);
  ~client_limits();
  client_limits(const client_limits&) = delete;
  client_limits& operator=(const client_limits&) = delete;

  /// Fails with 429 `rate_limited` when the request's address has made too many of the route's
  /// class; likewise the signed-in caller.
  void check_address(exchange& x);
  void check_account(exchange& x);

  /// Before a password of the account is looked at. 429 `too_many_login_attempts` when that may not
  /// be yet. `account`: none when there is no such account; `login` stands for it then, so that
  /// nothing is revealed.
  login_try start_login(exchange& x, std::optional<stoa::user_id> account, std::string_view login);
  /// Of a signed-in user who has to give the present password. The session counts as a known
  /// device.
  login_try start_password_check(exchange& x, stoa::user_id account);
  /// The password was right. Returns the device token for the answer.
  std::string login_succeeded(const login_try& t, stoa::user_id account);
  /// The password was not looked at, as the workers had no room.
  void login_not_made(const login_try& t);

  /// Whose turn a password job takes.
  user::password_client password_client_of(const exchange& x) const;
  /// What a guest's checkouts are counted by; none for exempt addresses.
  std::optional<std::int64_t> guest_key(const exchange& x) const;

  /// Adds the fields of rate limits to an answer.
  void add_fields(const exchange& x, http::response& r) const { add_limit_fields(x.rate_notes, r); }
  /// True when the request was refused by a limit: such requests are logged together.
  bool has_refused(const exchange& x) const { return x.rate_notes.retry_after_ns > 0; }
  /// Brings the gauges up to date.
  void measure(const user::password_workers& passwords);

 private:
  struct metrics;
  void check(exchange& x, limit_scope scope, std::uint64_t client);
  login_try start(exchange& x, login_attempt a, std::optional<token::device> d);
  void merge(shared_key key, std::int64_t ahead_ns);

  const limit_keys keys_;
  const std::string& secret_;
  shared_limits* shared_;
  rate_limits rates_;
  login_guard logins_;
  std::unique_ptr<metrics> metrics_;
};

}  // namespace stoa::front
