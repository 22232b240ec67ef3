#include "actors/user/user_messages.hpp"
#include "net/front/front.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/revocation_follower.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"
#include "storage/base/time.hpp"

namespace stoa::front {

namespace {

constexpr std::string_view order_token_prefix = "ot_";

http::problem token_revoked() {
  return {401,
          "token_revoked",
          "The access token is no longer valid: its session has ended or the user's role has "
          "changed. Refresh the token or log in again.",
          {}};
}

http::problem unauthenticated(std::string code, std::string detail) {
  return {401, std::move(code), std::move(detail), {}};
}

/// The token of an Authorization field; nothing for another scheme. Schemes are case-insensitive
/// (RFC 9110, section 11.1).
std::optional<std::string_view> bearer_token(std::string_view field) {
  const auto scheme = field.substr(0, field.find_first_of(" \t"));
  if (!http::equals_ignoring_case(scheme, "Bearer")) return std::nullopt;
  return text::trim_blanks(field.substr(scheme.size()));
}

void read_token(exchange& x, std::string_view token) {
  if (token.starts_with(order_token_prefix)) {
    x.order_token = std::string(token);
    return;
  }
  auto claims = x.shared->keys->verify(token, store_time().now());
  if (!claims) fail(claims.error());
  auto role = enum_value<kernel::role>(claims->role);
  if (!role) fail(unauthenticated("invalid_token", "The access token has an unknown role."));
  const token_session session{claims->sid, claims->epoch};
  const auto known = x.shared->revoked->look(session, revocations::clock::now());
  if (known == revocations::verdict::revoked) fail(token_revoked());
  x.session = session;
  x.session_unchecked = known == revocations::verdict::unknown;
  x.context.who = {kernel::caller_kind::user, claims->sub, *role};
}

}  // namespace

bool shows_valid_token(const http::request& r, const token::token_keys& keys) {
  const auto field = r.header("Authorization");
  const auto token = field ? bearer_token(*field) : std::nullopt;
  return token && keys.verify(*token, store_time().now()).has_value();
}

void authenticate(exchange& x) {
  if (auto field = x.request->header("Authorization")) {
    try {
      const auto token = bearer_token(*field);
      if (!token) {
        fail(unauthenticated("authentication_required", "Authorization must be a Bearer token."));
      }
      read_token(x, *token);
    } catch (const problem_error&) {
      if (!x.matched->ignores_bad_token()) throw;
    }
    if (x.session_unchecked && x.matched->ignores_bad_token()) {
      // The response is the same for a guest: no need to ask the user service.
      x.session_unchecked = false;
      x.session.reset();
      x.context.who = {};
    }
  }
  const auto& who = x.context.who;
  access wanted = x.matched->info.who;
  if (wanted == access::anyone) return;
  if (!who.is_user()) {
    fail(unauthenticated("authentication_required", "An access token is required. Log in first."));
  }
  bool enough = wanted == access::user || who.user_role == kernel::role::admin ||
                (wanted == access::staff && who.user_role == kernel::role::staff);
  if (!enough) fail({403, "forbidden", "Your role does not permit this operation.", {}});
}

task<bool> confirm_session(exchange& x) {
  if (!x.session) co_return true;
  user::check_session query{x.session->family, x.session->epoch};
  auto found = co_await x.try_ask(std::move(query));
  if (!found) {
    x.shared->metrics->session_check("unavailable");
    fail(unavailable("The session cannot be verified at the moment. Try again."));
  }
  x.shared->metrics->session_check(found->good ? "good" : "revoked");
  if (!found->good) fail(token_revoked());
  co_return true;
}

task<bool> sessions_ended(exchange& x) {
  auto* follower = x.shared->follower;
  if (follower == nullptr) co_return true;
  std::function<bool(std::function<void(bool)>)> start = [&](std::function<void(bool)> then) {
    follower->catch_up(std::move(then));
    return true;
  };
  auto known = co_await x.run_elsewhere<bool>(std::move(start));
  co_return known;
}

task<http::response> check_session_first(exchange& x) {
  co_await confirm_session(x);
  auto answer = co_await x.matched->handler(x);
  co_return answer;
}

}  // namespace stoa::front
