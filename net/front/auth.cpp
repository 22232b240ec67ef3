#include "net/front/front.hpp"
#include "storage/base/time.hpp"

namespace stoa::front {

namespace {

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view order_token_prefix = "ot_";

problem unauthenticated(std::string code, std::string detail) {
  return {401, std::move(code), std::move(detail), {}};
}

void read_token(exchange& x, std::string_view token) {
  if (token.starts_with(order_token_prefix)) {
    x.order_token = std::string(token);
    return;
  }
  auto claims = x.shared->keys->verify(token, system_time().now());
  if (!claims) fail(claims.error());
  auto role = enum_value<kernel::role>(claims->role);
  if (!role) fail(unauthenticated("invalid_token", "The access token names no known role."));
  x.context.who = {kernel::caller_kind::user, claims->sub, *role};
}

}  // namespace

bool shows_valid_token(const http::request& r, const token::token_keys& keys) {
  const auto field = r.header("Authorization");
  return field && field->starts_with(bearer) &&
         keys.verify(field->substr(bearer.size()), system_time().now()).has_value();
}

void authenticate(exchange& x) {
  if (auto field = x.request->header("Authorization")) {
    if (!field->starts_with(bearer)) {
      fail(unauthenticated("invalid_token", "Authorization must be a Bearer token."));
    }
    read_token(x, field->substr(bearer.size()));
  }
  // RFC 6750, section 2.3: a link in a mail cannot carry a header.
  if (auto parameter = x.query_pairs->find("access_token");
      parameter && x.matched->info.order_token) {
    x.order_token = std::string(*parameter);
  }
  const auto& who = x.context.who;
  access wanted = x.matched->info.who;
  if (wanted == access::anyone) return;
  if (!who.is_user()) {
    fail(unauthenticated("authentication_required", "Sign in first: this needs an access token."));
  }
  bool enough = wanted == access::user || who.user_role == kernel::role::admin ||
                (wanted == access::staff && who.user_role == kernel::role::staff);
  if (!enough) fail({403, "forbidden", "Your role does not allow this.", {}});
}

}  // namespace stoa::front
