#pragma once
// Rate limits and login limits as applied to requests: identifies the client of a request and
// rejects it when it exceeds a limit.

#include "net/front/code_guard.hpp"
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

/// A login in progress. A failed one needs no further call.
struct login_try {
  login_attempt attempt;
  login_verdict verdict;
  std::optional<token::device> device;  ///< of the token that the request presents
};

/// Thread-safe.
class client_limits {
 public:
  /// `shared` may be null. All arguments must outlive this object.
  client_limits(const settings& s, const token::server_secret& secret, shared_limits* shared,
                prometheus::Registry* registry);
  ~client_limits();
  client_limits(const client_limits&) = delete;
  client_limits& operator=(const client_limits&) = delete;

  /// Fails with 429 `rate_limited` when the request's address exceeds the limit of the route's
  /// class; check_account() does the same for the signed-in caller.
  void check_address(exchange& x);
  void check_account(exchange& x);

  /// Before a password of the account is checked. 429 `too_many_login_attempts` when that is not
  /// allowed yet. `account`: none when there is no such account; it is then keyed by `login`, to
  /// reveal nothing.
  login_try start_login(exchange& x, std::optional<stoa::user_id> account, std::string_view login);
  /// For a signed-in user who must confirm the current password. The session counts as a known
  /// device.
  login_try start_password_check(exchange& x, stoa::user_id account);
  /// The password was right. Returns the device token for the response.
  std::string login_succeeded(const login_try& t, stoa::user_id account);
  /// The password was not checked because the workers' queue was full.
  void cancel_login_attempt(const login_try& t);

  /// Before codes of gift cards or promotions are looked up for the caller, or for a guest's cart.
  /// 429 `too_many_code_attempts` when that is not allowed yet. Call end_code_lookup() afterwards.
  code_attempt start_code_lookup(exchange& x, std::optional<stoa::cart_id> cart);
  /// `failures`: the codes that do not exist.
  void end_code_lookup(const code_attempt& a, std::int64_t failures);

  /// The client that a password job is queued for.
  user::password_client password_client_of(const exchange& x) const;
  /// The key by which a guest's checkouts are counted; none for exempt addresses.
  std::optional<std::int64_t> guest_key(const exchange& x) const;

  /// Adds the rate limit header fields to a response.
  void add_fields(const exchange& x, http::response& r) const { add_limit_fields(x.rate_notes, r); }
  /// True when the request was rejected by a limit; the log collapses such requests.
  bool has_refused(const exchange& x) const { return x.rate_notes.retry_after_ns > 0; }
  /// Updates the gauges.
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
  code_guard codes_;
  std::unique_ptr<metrics> metrics_;
};

}  // namespace stoa::front
