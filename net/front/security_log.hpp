#pragma once
// Security events: rejected requests with the reason, and changes of users' permissions. One place,
// so that each event has one log message, consistent fields and a counter.
//
// Fields: client.address (behind trusted proxies, too), http.route (the template), code,
// request_id, caller, and for logins login_hash: a keyed hash of the login, so that attempts on one
// account can be correlated without logging names or email addresses. Repeated events are collapsed
// by the log (config/log.hpp); stoa_security_events_total counts each of them.

#include "net/http/problem.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace stoa::front {

class exchange;

enum class security_event : std::uint8_t {
  login_succeeded,
  login_failed,
  login_throttled,
  session_reused,        ///< a refresh token was used twice: it was probably stolen
  unauthenticated,       ///< 401 for any other reason
  forbidden,             ///< 403
  card_number_rejected,  ///< a card number in a request, which is not stored
  role_changed,
  user_created,  ///< by an administrator
  password_changed,
  account_deleted,
  node_operated,  ///< an administrator executed an action of a node
  payment_method_saved,
  payment_method_pending,  ///< its payment is undecided, or the gateway has not answered
  payment_method_removed,
  codes_throttled  ///< codes of gift cards or promotions were not looked up
};
inline constexpr std::size_t security_events = 16;

/// Thread-safe.
class security_log {
 public:
  /// `secret` keys the hashes of logins. Counts nothing without a registry.
  security_log(std::string_view secret, prometheus::Registry* registry);

  /// Stores the hash of the request's login for later log lines.
  void login_shown(exchange& x, std::string_view login) const;
  /// The request failed with the problem: logged when it is a security event.
  void refused(const exchange& x, const http::problem& p);
  void login_succeeded(const exchange& x, stoa::user_id user);
  /// A password was not checked; `scope` is the limit that was exceeded (login_guard.hpp).
  void login_throttled(const exchange& x, std::string_view scope);
  /// Codes were not looked up; `scope` is the limit that was exceeded (code_guard.hpp).
  void codes_throttled(const exchange& x, std::string_view scope);
  /// The caller has changed the user's role.
  void role_changed(const exchange& x, stoa::user_id user, std::string_view role);
  /// The caller has created the user with the role.
  void user_created(const exchange& x, stoa::user_id user, std::string_view role);
  void password_changed(const exchange& x);
  void account_deleted(const exchange& x);
  /// The caller has saved a payment method, will have if it is approved, or has deleted a saved
  /// one.
  void payment_method_saved(const exchange& x);
  void payment_method_pending(const exchange& x);
  void payment_method_removed(const exchange& x);
  /// The caller has executed the action at the node; `level` for a change of the log level.
  void node_operated(const exchange& x, std::string_view node, std::string_view action,
                     std::string_view level);

 private:
  void count(security_event e);

  std::string key_;
  std::array<prometheus::Counter*, security_events> counters_{};
};

}  // namespace stoa::front
