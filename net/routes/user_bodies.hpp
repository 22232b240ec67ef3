#pragma once
// Request and response bodies of the routes of accounts and logins.

#include "actors/user/password.hpp"
#include "actors/user/user_messages.hpp"
#include "actors/user/verification_token.hpp"
#include "net/routes/language.hpp"
#include "net/routes/paging.hpp"

namespace stoa::front {

inline constexpr json::rule password_rule(std::string_view field) {
  return {.field = field,
          .length_min = user::password_code_points_min,
          .length_max = user::password_code_points_max,
          .form = json::format::password};
}
/// A password that is only compared: one that is too long is wrong in any case.
inline constexpr json::rule old_password_rule(std::string_view field) {
  return {.field = field, .length_min = 1, .length_max = user::password_bytes_max};
}
inline constexpr json::rule person_rule(std::string_view field) {
  return {.field = field, .length_min = 1, .length_max = 100, .form = json::format::line};
}

struct register_body {
  static constexpr std::string_view schema_name = "new_user";
  std::string username;
  std::string email;
  std::string password;
  std::string first_name;
  std::string last_name;
  std::optional<std::string> phone_number;
  std::optional<std::string> locale;
  static constexpr json::rule rules[] = {
      {.field = "username", .form = json::format::username},
      {.field = "email", .form = json::format::email},
      password_rule("password"),
      person_rule("first_name"),
      person_rule("last_name"),
      {.field = "phone_number", .form = json::format::phone},
      locale_rule("The language of emails to the user (BCP 47); a registration defaults to "
                  "Accept-Language."),
  };
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
};
BOOST_DESCRIBE_STRUCT(register_body, (),
                      (username, email, password, first_name, last_name, phone_number, locale))

struct verification_body {
  static constexpr std::string_view schema_name = "email_verification";
  std::string token;
  static constexpr json::rule rules[] = {
      {.field = "token", .length_min = 1, .length_max = user::verification_token_bytes_max}};
};
BOOST_DESCRIBE_STRUCT(verification_body, (), (token))

struct login_body {
  static constexpr std::string_view schema_name = "login";
  std::string login;
  std::string password;
  static constexpr json::rule rules[] = {
      {.field = "login",
       .length_min = 1,
       .length_max = 254,
       .description = "The user name or the email address."},
      old_password_rule("password"),
  };
};
BOOST_DESCRIBE_STRUCT(login_body, (), (login, password))

struct refresh_body {
  static constexpr std::string_view schema_name = "refresh";
  std::string refresh_token;
  static constexpr json::rule rules[] = {
      {.field = "refresh_token", .length_min = 1, .length_max = 512}};
};
BOOST_DESCRIBE_STRUCT(refresh_body, (), (refresh_token))

struct tokens_view {
  static constexpr std::string_view schema_name = "tokens";
  std::string access_token;
  std::string token_type;
  std::int64_t expires_in = 0;  ///< lifetime of the access token, in seconds
  std::string refresh_token;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(tokens_view, (),
                      (access_token, token_type, expires_in, refresh_token, user_id))

struct password_body {
  static constexpr std::string_view schema_name = "password_change";
  std::string current_password;
  std::string new_password;
  static constexpr json::rule rules[] = {old_password_rule("current_password"),
                                         password_rule("new_password")};
};
BOOST_DESCRIBE_STRUCT(password_body, (), (current_password, new_password))

struct user_patch_body {
  static constexpr std::string_view schema_name = "user_change";
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  patch<std::string> phone_number;
  std::optional<std::string> current_password;
  patch<std::string> locale;
  static constexpr json::rule rules[] = {
      {.field = "username", .form = json::format::username},
      {.field = "email", .form = json::format::email},
      person_rule("first_name"),
      person_rule("last_name"),
      {.field = "phone_number",
       .form = json::format::phone,
       .description = "A phone number; null removes it."},
      {.field = "current_password",
       .length_min = 1,
       .length_max = user::password_bytes_max,
       .description = "The password; required to change the email address."},
      locale_rule("The language of emails to the user (BCP 47); null removes it."),
  };
  /// A new email address requires the password.
  void check(std::vector<field_error>& errors) const {
    check_locale(locale.value, errors);
    if (email && !current_password) {
      errors.push_back({"/current_password", "required",
                        "The password is required to change the email address."});
    }
  }
};
BOOST_DESCRIBE_STRUCT(user_patch_body, (),
                      (username, email, first_name, last_name, phone_number, current_password,
                       locale))

struct confirm_body {
  static constexpr std::string_view schema_name = "password_confirmation";
  std::string current_password;
  static constexpr json::rule rules[] = {old_password_rule("current_password")};
};
BOOST_DESCRIBE_STRUCT(confirm_body, (), (current_password))

struct role_body {
  static constexpr std::string_view schema_name = "user_role_change";
  user::user_role role = user::user_role::customer;
};
BOOST_DESCRIBE_STRUCT(role_body, (), (role))

/// An account created by an administrator: usable at once, its email address is not confirmed.
struct new_account_body : register_body {
  static constexpr std::string_view schema_name = "new_account";
  user::user_role role = user::user_role::customer;
};
BOOST_DESCRIBE_STRUCT(new_account_body, (register_body), (role))

struct user_list_query {
  std::optional<user::user_role> role;
  std::optional<std::string> email;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "email", .length_max = 254, .description = "The user with this email address."},
      {.field = "role", .description = "Users with this role."},
      limit_rule,
      cursor_rule};
};
BOOST_DESCRIBE_STRUCT(user_list_query, (), (role, email, limit, cursor))

}  // namespace stoa::front
