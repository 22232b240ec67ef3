// Accounts: the caller's own, and all of them for staff.

#include "actors/user/verification_token.hpp"
#include "config/settings.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/security_log.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/auth_routes.hpp"
#include "net/routes/user_bodies.hpp"
#include "storage/base/time.hpp"

namespace stoa::front {

namespace {

using response_task = task<http::response>;

stoa::user_id me(const exchange& x) {
  return x.context.who.user;
}
stoa::profile_id profile_of(const exchange& x) {
  return x.path_id<stoa::profile_id>("profile_id", "address");
}
stoa::user_id user_of(const exchange& x) {
  return x.path_id<stoa::user_id>("user_id", "user");
}

/// An access token may outlive the account for a moment.
http::problem account_gone() {
  return {401, "invalid_token", "The account no longer exists.", {}};
}

/// The caller's own account is only missing when it was deleted.
template <class T>
T mine(result<T> r) {
  if (!r && r.error().kind == problem_kind::not_found) fail(account_gone());
  if (!r) fail(r.error());
  return std::move(*r);
}

/// 202 whether or not the address has an account; only the mail reveals it.
response_task ask_to_confirm(exchange& x, register_body body) {
  user::request_registration command;
  command.hashed_password = co_await hash_of(x, body.password);
  command.username = std::move(body.username);
  command.email = std::move(body.email);
  command.first_name = std::move(body.first_name);
  command.last_name = std::move(body.last_name);
  command.phone_number = std::move(body.phone_number);
  command.locale = body.locale ? canonical_locale(body.locale) : preferred_language(x);
  co_await x.command(std::move(command));
  co_return http::response{.status = 202};
}

response_task verify(exchange& x, verification_body body) {
  const auto id = user::check_verification_token(x.shared->secret->bytes, body.token);
  if (!id) {
    fail(invalid_field("/token", "invalid_token",
                       "The token is unknown, has expired or was used already."));
  }
  user::verify_address command{*id};
  auto confirmed = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, confirmed));
}

/// The command that creates the account of a body; the password is hashed in parallel.
template <class Body>
task<user::register_user> registration_of(exchange& x, Body body) {
  user::register_user command;
  command.hashed_password = co_await hash_of(x, body.password);
  command.username = std::move(body.username);
  command.email = std::move(body.email);
  command.first_name = std::move(body.first_name);
  command.last_name = std::move(body.last_name);
  command.phone_number = std::move(body.phone_number);
  command.locale = canonical_locale(body.locale);
  co_return command;
}

template <class Body>
void refuse_weak_password(const exchange& x, const Body& body) {
  if (auto error = user::check_password_strength(body.password, *x.shared->common_passwords,
                                                 {body.username, body.email})) {
    fail(invalid({std::move(*error)}));
  }
}

response_task sign_up(exchange& x, register_body body) {
  refuse_weak_password(x, body);
  if (x.shared->config->auth.verify_email) {
    auto asked = co_await ask_to_confirm(x, std::move(body));
    co_return asked;
  }
  auto command = co_await registration_of(x, std::move(body));
  if (!command.locale) command.locale = preferred_language(x);
  auto made = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(201, made));
  r.headers.emplace_back("Location", "/store/v1/users/me");
  co_return r;
}

/// By an administrator, with a role.
response_task create_account(exchange& x, new_account_body body) {
  refuse_weak_password(x, body);
  const auto role = body.role;
  auto command = co_await registration_of(x, std::move(body));
  command.role = role;
  auto made = co_await x.command(std::move(command));
  if (!x.replayed) x.shared->security->user_created(x, made.user_id, enum_name(made.role));
  auto r = x.with_etag(x.json(201, made));
  r.headers.emplace_back("Location", "/admin/v1/users/" + made.user_id.str());
  co_return r;
}

response_task read_me(exchange& x, none) {
  user::get_user query{me(x)};
  auto found = co_await x.try_ask(std::move(query));
  co_return x.cacheable(mine(std::move(found)));
}

/// The stored hash that the caller's password has matched; required before operations that a thief
/// of an access token must not execute. 422 `wrong` at /current_password.
task<std::string> confirmed_hash(exchange& x, std::string password) {
  user::find_credentials query{{}, me(x)};
  auto known = co_await x.ask(std::move(query));
  if (!known.found) fail(account_gone());
  const auto attempt = x.shared->limits->start_password_check(x, me(x));
  auto match = co_await match_password(x, attempt, known.hashed_password, std::move(password));
  if (match == password_match::none) fail(user::wrong_password());
  x.shared->limits->login_succeeded(attempt, me(x));
  co_return std::move(known.hashed_password);
}

response_task change_me(exchange& x, user_patch_body body) {
  std::optional<std::string> known_hash;
  if (body.current_password) known_hash = co_await confirmed_hash(x, *body.current_password);
  user::update_user command{me(x),
                            std::move(body.username),
                            std::move(body.email),
                            std::move(body.first_name),
                            std::move(body.last_name),
                            std::move(body.phone_number),
                            std::move(known_hash),
                            x.shared->config->auth.verify_email,
                            x.precondition(),
                            {body.locale.present, canonical_locale(body.locale.value)}};
  auto changed = co_await x.try_command(std::move(command));
  co_return x.with_etag(x.json(200, mine(std::move(changed))));
}

response_task delete_me(exchange& x, confirm_body body) {
  auto known_hash = co_await confirmed_hash(x, std::move(body.current_password));
  user::delete_account command{me(x), std::move(known_hash), x.precondition()};
  auto gone = co_await x.try_command(std::move(command));
  mine(std::move(gone));
  co_await sessions_ended(x);
  x.shared->security->account_deleted(x);
  co_return x.no_content();
}

response_task change_my_password(exchange& x, password_body body) {
  user::find_credentials query{{}, me(x)};
  auto known = co_await x.ask(std::move(query));
  if (!known.found) fail(account_gone());
  if (auto error = user::check_password_strength(body.new_password, *x.shared->common_passwords,
                                                 {known.username, known.email}, "/new_password")) {
    fail(invalid({std::move(*error)}));
  }
  const auto attempt = x.shared->limits->start_password_check(x, me(x));
  auto match = co_await match_password(x, attempt, known.hashed_password, body.current_password);
  const bool right = match != password_match::none;
  user::change_password command{me(x), known.hashed_password, {}, x.session->family, right};
  if (right) x.shared->limits->login_succeeded(attempt, me(x));
  if (right) command.new_hash = co_await hash_of(x, body.new_password);
  co_await x.command(std::move(command));
  co_await sessions_ended(x);
  x.shared->security->password_changed(x);
  co_return x.no_content();
}

response_task list_my_addresses(exchange& x, none) {
  user::list_addresses query{me(x)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task add_my_address(exchange& x, address body) {
  user::add_address command{me(x), std::move(body)};
  auto made = co_await x.try_command(std::move(command));
  auto view = mine(std::move(made));
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", "/store/v1/users/me/addresses/" + view.profile_id.str());
  co_return r;
}

response_task read_my_address(exchange& x, none) {
  user::get_address query{me(x), profile_of(x)};
  auto found = co_await x.ask(std::move(query));
  co_return x.cacheable(found);
}

response_task replace_my_address(exchange& x, address body) {
  user::replace_address command{me(x), profile_of(x), std::move(body), x.precondition()};
  auto changed = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, changed));
}

response_task remove_my_address(exchange& x, none) {
  user::remove_address command{me(x), profile_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

response_task list_users(exchange& x, user_list_query q) {
  user::list_users_query query;
  query.role = q.role;
  query.email = std::move(q.email);
  query.count = x.shape.count;
  query.before = cursor_id<stoa::user_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_any(exchange& x, none) {
  user::get_user query{user_of(x)};
  auto found = co_await x.ask(std::move(query));
  co_return x.cacheable(found);
}

response_task give_role(exchange& x, role_body body) {
  user::set_role command{user_of(x), body.role, x.precondition()};
  auto changed = co_await x.command(std::move(command));
  co_await sessions_ended(x);
  x.shared->security->role_changed(x, changed.user_id, enum_name(changed.role));
  co_return x.with_etag(x.json(200, changed));
}

response_task annotate(exchange& x, user::user_annotation body) {
  user::annotate_user command{user_of(x), std::move(body), x.precondition()};
  auto changed = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, changed));
}

about own(std::string id, std::string summary) {
  return {.id = std::move(id), .tag = "users", .summary = std::move(summary), .who = access::user};
}

void add_address_routes(routes& r) {
  auto list = own("list_my_addresses", "List my addresses, oldest first");
  r.get<none, user::address_page>("/store/v1/users/me/addresses", list, list_my_addresses);
  auto create = own("add_my_address", "Add an address");
  create.success = {201};
  create.reject_cards = true;
  r.post<address, user::address_view>("/store/v1/users/me/addresses", create, add_my_address);
  auto read = own("get_my_address", "Get one of my addresses");
  read.success = {200, 304};
  read.errors = {404};
  r.get<none, user::address_view>("/store/v1/users/me/addresses/{profile_id}", read,
                                  read_my_address);
  auto replace = own("replace_my_address", "Replace an address");
  replace.errors = {404, 412};
  replace.if_match = true;
  replace.reject_cards = true;
  r.put<address, user::address_view>("/store/v1/users/me/addresses/{profile_id}", replace,
                                     replace_my_address);
  auto remove = own("remove_my_address", "Delete an address");
  remove.success = {204};
  remove.errors = {404, 412};
  remove.if_match = true;
  r.del<none, none>("/store/v1/users/me/addresses/{profile_id}", remove, remove_my_address);
}

void add_admin_routes(routes& r) {
  r.get<user_list_query, user::user_page>("/admin/v1/users",
                                          {.id = "admin_list_users",
                                           .tag = "admin",
                                           .summary = "List all users, newest first",
                                           .who = access::staff,
                                           .cost = list_cost},
                                          list_users);
  r.post<new_account_body, user::user_view>(
      "/admin/v1/users",
      {.id = "admin_create_user",
       .tag = "admin",
       .summary = "Create an account with a role; usable at once, without email confirmation",
       .who = access::admin,
       .success = {201},
       .errors = {409},
       .reject_cards = true},
      create_account);
  r.get<none, user::user_view>("/admin/v1/users/{user_id}",
                               {.id = "admin_get_user",
                                .tag = "admin",
                                .summary = "Get a user",
                                .who = access::staff,
                                .success = {200, 304},
                                .errors = {404}},
                               read_any);
  r.patch<user::user_annotation, user::user_view>(
      "/admin/v1/users/{user_id}",
      {.id = "admin_update_user",
       .tag = "admin",
       .summary = "Change a user's metadata and groups, visible to staff only",
       .who = access::staff,
       .errors = {404, 412},
       .if_match = true,
       .reject_cards = true},
      annotate);
  r.put<role_body, user::user_view>(
      "/admin/v1/users/{user_id}/role",
      {.id = "admin_set_user_role",
       .tag = "admin",
       .summary = "Set the role of another user: customer, staff or admin. If-Match "
                  "compares the user's ETag",
       .who = access::admin,
       .errors = {404, 409, 412},
       .if_match = true},
      give_role);
}

}  // namespace

void add_user_routes(routes& r) {
  r.post<register_body, user::user_view>(
      "/store/v1/users",
      {.id = "register",
       .tag = "users",
       .summary = "Create an account; 202 if its email address must be confirmed first",
       .success = {201, 202},
       .errors = {409},
       .same_for_all = true,
       .reject_cards = true,
       .bodiless = {202},
       .limit = limit_class::register_account},
      sign_up);
  r.post<verification_body, user::user_view>(
      "/store/v1/users/verify",
      {.id = "verify_email",
       .tag = "users",
       .summary = "Confirm an email address with the token sent to it",
       .errors = {409},
       .same_for_all = true,
       .answer_fields = {"ETag"},
       .limit = limit_class::register_account},
      verify);
  auto read = own("get_me", "Get my account");
  read.success = {200, 304};
  r.get<none, user::user_view>("/store/v1/users/me", read, read_me);
  auto change =
      own("change_me",
          "Change my account; null removes the phone number. A new email address requires "
          "the password");
  change.errors = {409, 412};
  change.if_match = true;
  change.reject_cards = true;
  r.patch<user_patch_body, user::user_view>("/store/v1/users/me", change, change_me);
  auto remove = own("delete_me", "Delete my account and all my data; requires the password");
  remove.success = {204};
  remove.errors = {409, 412};
  remove.if_match = true;
  remove.limit = limit_class::login;
  r.del<confirm_body, none>("/store/v1/users/me", remove, delete_me);
  auto password = own("change_my_password", "Change my password; all my other sessions end");
  password.success = {204};
  password.errors = {409};
  password.limit = limit_class::login;
  r.post<password_body, none>("/store/v1/users/me/password", password, change_my_password);
  add_address_routes(r);
  add_auth_routes(r);
  add_admin_routes(r);
}

}  // namespace stoa::front
