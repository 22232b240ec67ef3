// Logins: exchange a password, or a refresh token, for tokens.

#include "net/routes/auth_routes.hpp"

#include "actors/user/password.hpp"
#include "actors/user/password_workers.hpp"
#include "actors/user/refresh_token.hpp"
#include "config/settings.hpp"
#include "net/front/security_log.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/user_bodies.hpp"
#include "net/token/key_set.hpp"
#include "storage/base/card_number.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr std::size_t auth_body_bytes_max = 4096;

using response_task = task<http::response>;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::size_t user_agent_bytes_max = 200;

/// The same for an unknown user and a wrong password, so that existing accounts are not revealed.
http::problem invalid_credentials() {
  return {401, "invalid_credentials", "The login or the password is wrong.", {}};
}

http::problem invalid_refresh_token() {
  return {401, "invalid_refresh_token", "The refresh token is invalid or has expired.", {}};
}

/// The User-Agent, truncated to the stored length.
std::optional<std::string> user_agent_of(const exchange& x) {
  auto field = x.request->header("User-Agent");
  if (!field || field->empty() || card::holds_number(*field)) return std::nullopt;
  auto cut = field->substr(0, user_agent_bytes_max);
  return std::string(cut.substr(0, text::utf8_prefix(cut)));
}

http::response tokens_answer(const exchange& x, const user::session_view& s) {
  const auto now_s = store_time().now().us / second_us;
  // A token expires with its session.
  const auto ttl =
      std::min(x.shared->config->auth.access_token_ttl_s, s.expires_at.us / second_us - now_s);
  auto access = x.shared->keys->sign({.sub = s.user_id,
                                      .role = std::string(enum_name(s.role)),
                                      .sid = s.family,
                                      .epoch = s.epoch.value_or(0),
                                      .iat = now_s,
                                      .nbf = now_s,
                                      .exp = now_s + ttl,
                                      .jti = text::base64url(text::random_bytes(16))});
  if (!access) fail(access.error());
  auto refresh = user::make_refresh_token(x.shared->secret->bytes, {s.family, s.generation});
  auto r = x.json(200, tokens_view{*access, "Bearer", ttl, std::move(refresh), s.user_id});
  r.secret = true;
  return r;
}

/// Whether the hash matches the password.
task<bool> is_password(exchange& x, login_try attempt, std::string hash, std::string password) {
  using checked = result<bool>;
  std::function<bool(std::function<void(checked)>)> start = [&](std::function<void(checked)> then) {
    return x.shared->passwords->verify(x.shared->limits->password_client_of(x), hash, password,
                                       std::move(then));
  };
  std::optional<http::problem> refused;
  bool right = false;
  try {
    auto answer = co_await x.run_elsewhere<checked>(std::move(start));
    if (answer) right = *answer;
    if (!answer) refused = http_problem(std::move(answer.error()));
  } catch (problem_error& e) {
    refused = std::move(e.content);
  }
  if (refused) {
    x.shared->limits->cancel_login_attempt(attempt);
    fail(std::move(*refused));
  }
  co_return right;
}

response_task login(exchange& x, login_body body) {
  x.shared->security->login_shown(x, body.login);
  user::find_credentials query{body.login, std::nullopt};
  auto known = co_await x.ask(std::move(query));
  std::optional<stoa::user_id> account;
  if (known.found) account = known.user_id;
  const auto attempt = x.shared->limits->start_login(x, account, body.login);
  // An unknown user has an empty hash; the workers then check a dummy hash, which takes the same
  // time.
  auto match = co_await match_password(x, attempt, known.hashed_password, body.password);
  if (match == password_match::none || !known.found) fail(invalid_credentials());
  auto device = x.shared->limits->login_succeeded(attempt, known.user_id);
  user::start_session command{known.user_id, known.hashed_password, std::nullopt, user_agent_of(x)};
  if (match == password_match::outdated || user::needs_rehash(known.hashed_password)) {
    command.rehashed = co_await hash_of(x, body.password);
  }
  auto session = co_await x.command(std::move(command));
  x.shared->security->login_succeeded(x, session.user_id);
  auto r = tokens_answer(x, session);
  r.headers.emplace_back("Device-Token", std::move(device));
  co_return r;
}

response_task refresh(exchange& x, refresh_body body) {
  auto claim = user::check_refresh_token(x.shared->secret->bytes, body.refresh_token);
  if (!claim) fail(invalid_refresh_token());
  user::rotate_session command{claim->family, claim->generation};
  auto rotated = co_await x.command(std::move(command));
  if (rotated.outcome == user::rotation_outcome::reused) {
    co_await sessions_ended(x);
    fail({401,
          "refresh_token_reused",
          "The refresh token was reused; its session was ended. Log in again.",
          {}});
  }
  if (!rotated.session) fail(invalid_refresh_token());
  co_return tokens_answer(x, *rotated.session);
}

/// 204 for an unknown token, too (RFC 7009, section 2.2): the token is invalid afterwards in any
/// case.
response_task logout(exchange& x, refresh_body body) {
  if (auto claim = user::check_refresh_token(x.shared->secret->bytes, body.refresh_token)) {
    user::end_session command{claim->family};
    co_await x.command(std::move(command));
    co_await sessions_ended(x);
  }
  co_return x.no_content();
}

response_task key_set(exchange& x, none) {
  http::response r;
  r.content_type = "application/jwk-set+json";
  r.body = x.shared->keys->key_set();
  co_return x.with_etag(std::move(r));
}

}  // namespace

task<password_match> match_password(exchange& x, login_try attempt, std::string hash,
                                    std::string password) {
  const auto form = user::password_form(password);
  bool right = co_await is_password(x, attempt, hash, form);
  if (right) co_return password_match::right;
  if (form == password) co_return password_match::none;
  right = co_await is_password(x, attempt, std::move(hash), std::move(password));
  co_return right ? password_match::outdated : password_match::none;
}

task<std::string> hash_of(exchange& x, std::string password) {
  using hashed = result<std::string>;
  std::function<bool(std::function<void(hashed)>)> start = [&](std::function<void(hashed)> then) {
    return x.shared->passwords->hash(x.shared->limits->password_client_of(x), password,
                                     std::move(then));
  };
  hashed made = co_await x.run_elsewhere<hashed>(std::move(start));
  if (!made) fail(made.error());
  co_return std::move(*made);
}

void add_auth_routes(routes& r) {
  r.post<login_body, tokens_view>(
      "/store/v1/auth/login",
      {.id = "login",
       .tag = "auth",
       .summary =
           "Access and refresh token for a user name or email address and password; send the "
           "response's Device-Token with later logins",
       .grants_access = true,
       .same_for_all = true,
       .request_fields = {"Device-Token"},
       .answer_fields = {"Device-Token"},
       .limit = limit_class::login,
       .body_bytes_max = auth_body_bytes_max},
      login);
  r.post<refresh_body, tokens_view>(
      "/store/v1/auth/refresh",
      {.id = "refresh",
       .tag = "auth",
       .summary = "New tokens for a refresh token; reuse of a refresh token ends its session",
       .grants_access = true,
       .same_for_all = true,
       .body_bytes_max = auth_body_bytes_max},
      refresh);
  r.post<refresh_body, none>("/store/v1/auth/logout",
                             {.id = "logout",
                              .tag = "auth",
                              .summary = "End the session of the refresh token",
                              .success = {204},
                              .same_for_all = true,
                              .body_bytes_max = auth_body_bytes_max},
                             logout);
  r.get<none, token::jwk_set>(
      "/.well-known/jwks.json",
      {.id = "jwks",
       .tag = "auth",
       .summary = "The public keys that verify access tokens (JWK Set, RFC 7517)",
       .success = {200, 304},
       .shared_cache = true,
       .reply_type = "application/jwk-set+json"},
      key_set);
}

}  // namespace stoa::front
