// `stoa user create`.

#include "actors/user/password.hpp"
#include "actors/user/user_service.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/offline_service.hpp"
#include "net/cli/password_prompt.hpp"
#include "net/cli/server_session.hpp"
#include "net/cli/subcommands.hpp"
#include "net/routes/user_bodies.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <array>
#include <cstdio>

namespace stoa::cli {

namespace {

/// Includes time in the queue for password hashing.
constexpr std::chrono::milliseconds create_limit{15'000};

/// Maps "/first_name" to the flag "--first-name".
std::string flag_of(const std::string& pointer) {
  std::string flag = "--" + pointer.substr(pointer.starts_with('/') ? 1 : 0);
  for (char& c : flag) c = c == '_' ? '-' : c;
  return pointer == "/password" ? "the password" : flag;
}

int fail(const problem& p, int code = exit_failed) {
  for (const auto& e : p.errors) {
    std::fprintf(stderr, "stoa: %s: %s\n", flag_of(e.pointer).c_str(), printable(e.detail).c_str());
  }
  if (p.errors.empty()) std::fprintf(stderr, "stoa: %s\n", printable(p.detail).c_str());
  return code;
}

std::string last_name_of(const std::string& role) {
  if (role == "admin") return "Admin";
  return role == "staff" ? "Staff" : "Customer";
}

user::user_role role_of(const std::string& name) {
  if (name == "admin") return user::user_role::admin;
  return name == "staff" ? user::user_role::staff : user::user_role::customer;
}

front::register_body body_of(const new_user_options& o, const std::string& password) {
  front::register_body body;
  body.username = o.username;
  body.email = o.email;
  body.password = password;
  body.first_name = o.first_name.empty() ? o.username : o.first_name;
  body.last_name = o.last_name.empty() ? last_name_of(o.role) : o.last_name;
  return body;
}

result<std::string> new_password(const new_user_options& o) {
  return o.password_file.empty() ? ask_password() : read_password_file(o.password_file);
}

int say_created(const std::string& role, const user::user_view& made) {
  std::printf("created the %s %s (%s), user_id %s\n", role.c_str(), made.username.c_str(),
              made.email.c_str(), made.user_id.str().c_str());
  return exit_done;
}

/// Validates the values by the rules of the registration route.
result<front::register_body> checked(const new_user_options& o, const std::string& password,
                                     const user::common_passwords& common) {
  const auto body = body_of(o, password);
  std::vector<field_error> errors;
  const std::array<std::pair<const char*, const std::string*>, 4> texts{
      {{"/username", &o.username},
       {"/email", &o.email},
       {"/first_name", &o.first_name},
       {"/last_name", &o.last_name}}};
  for (const auto& [pointer, text] : texts) {
    if (!text::is_utf8(*text)) errors.push_back({pointer, "format", "This is not UTF-8."});
  }
  if (auto weak = user::check_password_strength(password, common, {o.username, o.email}))
    errors.push_back(*weak);
  if (!errors.empty()) return invalid(std::move(errors));
  return json::read<front::register_body>(json::write(body));
}

/// Through the admin route of a running server.
int create_at_server(const new_user_options& o) {
  auto session = open_session(o.server);
  if (!session) return fail(session.error(), exit_usage);
  auto password = new_password(o);
  if (!password) return fail(password.error());
  const front::new_account_body body{body_of(o, *password), role_of(o.role)};
  http_request q;
  q.method = "POST";
  q.target = "/admin/v1/users";
  q.body = json::write(body);
  sodium_memzero(password->data(), password->size());
  try {
    const auto reply = (*session)->call(std::move(q), create_limit);
    auto made = json::read_lenient<user::user_view>(reply.body);
    if (reply.status == 201 && made) return say_created(o.role, *made);
    std::fprintf(stderr, "stoa: %s\n", reason_of(reply).c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stoa: %s\n", printable(e.what()).c_str());
  }
  return exit_failed;
}

}  // namespace

int run_user_create(const settings& s, const new_user_options& o) {
  if (!o.server.url.empty()) return create_at_server(o);
  // Lock first, to fail before the password prompt when the store is being served.
  offline_service<user::user_service> users(s, user::user_service(user::options_of(s)));
  auto password = new_password(o);
  if (!password) return fail(password.error());
  const auto common = user::common_passwords::load(s.auth.common_passwords_file);
  if (!common) return fail(common.error());
  auto body = checked(o, *password, *common);
  if (!body) return fail(body.error());
  auto hash = user::hash_password(*password);
  sodium_memzero(password->data(), password->size());
  sodium_memzero(body->password.data(), body->password.size());
  if (!hash) return fail(hash.error());

  user::register_user command;
  command.username = body->username;
  command.email = body->email;
  command.hashed_password = *hash;
  command.first_name = body->first_name;
  command.last_name = body->last_name;
  command.role = role_of(o.role);
  std::optional<result<user::user_view>> made;
  users.add(std::move(command),
            [&](kernel::answer a) { made = kernel::typed<user::user_view>(std::move(a)).value; });
  users.flush();
  if (!*made) return fail(made->error());
  return say_created(o.role, **made);
}

}  // namespace stoa::cli
