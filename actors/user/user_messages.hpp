#pragma once
// The messages of the User service. They never contain passwords, only hashes: the password workers
// compute these before, at 12 ms each.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/base/address.hpp"
#include "storage/base/text.hpp"
#include "storage/user/user.hpp"

namespace stoa::user {

inline constexpr std::size_t addresses_max = 50;  ///< of one user
/// Maximum sessions per user; another login ends the least recently used session.
inline constexpr std::size_t sessions_max = 50;
/// Maximum unconfirmed mails per address; further requests send none.
inline constexpr std::size_t verifications_max = 5;

// --- answers -------------------------------------------------------------------------------------

inline constexpr std::size_t customer_groups_max = 20;  ///< of one user
inline constexpr std::size_t group_length_max = 64;     ///< in code points

struct user_view {
  static constexpr std::string_view schema_name = "user";
  stoa::user_id user_id;
  std::string username;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::optional<std::string> phone_number;
  user_role role = user_role::customer;
  timestamp created_at;
  timestamp updated_at;
  std::optional<stoa::metadata> metadata = std::nullopt;          ///< for staff
  std::optional<std::string> locale = std::nullopt;               ///< BCP 47
  std::optional<std::vector<std::string>> groups = std::nullopt;  ///< for staff
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(user_view, (),
                      (user_id, username, email, first_name, last_name, phone_number, role,
                       created_at, updated_at, metadata, locale, groups))

struct user_page {
  static constexpr std::string_view schema_name = "user_list";
  std::vector<user_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(user_page, (), (data, next_cursor, total))

struct address_view {
  static constexpr std::string_view schema_name = "user_address";
  stoa::profile_id profile_id;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string address_line1;
  std::optional<std::string> address_line2;
  std::string city;
  std::optional<std::string> state;
  std::string postal_code;
  std::string country;
  timestamp created_at;
  timestamp updated_at;
  std::optional<std::string> company;
  std::optional<std::string> phone;
};
BOOST_DESCRIBE_STRUCT(address_view, (),
                      (profile_id, first_name, last_name, address_line1, address_line2, city, state,
                       postal_code, country, created_at, updated_at, company, phone))

/// All addresses: there are at most addresses_max.
struct address_page {
  static constexpr std::string_view schema_name = "user_address_list";
  std::vector<address_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(address_page, (), (data, next_cursor, total))

/// The data from which a session's tokens are created.
struct session_view {
  stoa::session_id family;
  stoa::user_id user_id;
  user_role role = user_role::customer;
  std::int64_t generation = 0;
  timestamp expires_at;
  /// Part of the access token. Absent from nodes of earlier versions: 0.
  std::optional<std::int64_t> epoch;
};
BOOST_DESCRIBE_STRUCT(session_view, (), (family, user_id, role, generation, expires_at, epoch))

enum class rotation_outcome {
  rotated,
  invalid,  ///< unknown, expired, revoked
  reused    ///< used before, and not as a retry after a lost answer: the session is revoked
};
BOOST_DESCRIBE_ENUM(rotation_outcome, rotated, invalid, reused)

struct rotation {
  rotation_outcome outcome = rotation_outcome::invalid;
  std::optional<session_view> session;  ///< when rotated
};
BOOST_DESCRIBE_STRUCT(rotation, (), (outcome, session))

/// The error for a caller with a valid session but a wrong password.
inline problem wrong_password() {
  return invalid_field("/current_password", "wrong", "The password is incorrect.");
}

// --- commands ------------------------------------------------------------------------------------

/// conflict username_taken, email_taken (both reported together), compared by case folding.
struct register_user {
  static constexpr std::string_view name = "user.register";
  using reply = user_view;
  std::string username;
  std::string email;
  std::string hashed_password;
  std::string first_name;
  std::string last_name;
  std::optional<std::string> phone_number;
  user_role role = user_role::customer;  ///< others for the system and admins only: forbidden
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
};
BOOST_DESCRIBE_STRUCT(register_user, (),
                      (username, email, hashed_password, first_name, last_name, phone_number, role,
                       locale))

/// Registers a user where addresses are verified: user.verify creates the account. The answer does
/// not reveal whether the email address has an account; the mail to it does. conflict
/// username_taken: names are public.
struct request_registration {
  static constexpr std::string_view name = "user.request_registration";
  using reply = kernel::nothing;
  std::string username;
  std::string email;
  std::string hashed_password;
  std::string first_name;
  std::string last_name;
  std::optional<std::string> phone_number;
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
};
BOOST_DESCRIBE_STRUCT(request_registration, (),
                      (username, email, hashed_password, first_name, last_name, phone_number,
                       locale))

/// Confirms an email address: creates the account, or changes its address. Once: validation
/// invalid_token for an unknown, used or expired token. conflict username_taken, email_taken when
/// taken meanwhile.
struct verify_address {
  static constexpr std::string_view name = "user.verify";
  using reply = user_view;
  user::verification_id verification_id;
};
BOOST_DESCRIBE_STRUCT(verify_address, (), (verification_id))

/// Starts a session of a user whose password was verified against `hashed_password`.
/// unauthenticated invalid_credentials when the password was changed or the user deleted meanwhile.
/// `rehashed` replaces a hash with old parameters.
struct start_session {
  static constexpr std::string_view name = "user.start_session";
  static constexpr bool grants_access = true;
  using reply = session_view;
  stoa::user_id user_id;
  std::string hashed_password;
  std::optional<std::string> rehashed;
  std::optional<std::string> user_agent;
};
BOOST_DESCRIBE_STRUCT(start_session, (), (user_id, hashed_password, rehashed, user_agent))

/// Exchanges a refresh token for the next one. The reuse of a token is not a problem, which would
/// change nothing, because the session must be revoked: see `outcome`.
struct rotate_session {
  static constexpr std::string_view name = "user.rotate_session";
  static constexpr bool grants_access = true;
  using reply = rotation;
  stoa::session_id family;
  std::int64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(rotate_session, (), (family, generation))

/// Logs out; no error if the session has already ended. Revokes the session's access tokens, like
/// every end of a session.
struct end_session {
  static constexpr std::string_view name = "user.end_session";
  using reply = kernel::nothing;
  stoa::session_id family;
};
BOOST_DESCRIBE_STRUCT(end_session, (), (family))

/// Sets a new password and revokes all sessions except `kept`. validation when the current password
/// was wrong, conflict password_changed when the old hash is not the current one.
struct change_password {
  static constexpr std::string_view name = "user.change_password";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  std::string old_hash;
  std::string new_hash;
  std::optional<stoa::session_id> kept;
  /// Whether the current password was correct. The command is sent even if not, since a retry of a
  /// completed change must get the first answer.
  bool password_right = true;
};
BOOST_DESCRIBE_STRUCT(change_password, (), (user_id, old_hash, new_hash, kept, password_right))

/// Changes the given members. conflict username_taken, email_taken. A new email address requires
/// the password: validation without `known_hash`, conflict password_changed when that is not the
/// current hash.
struct update_user {
  static constexpr std::string_view name = "user.update";
  using reply = user_view;
  stoa::user_id user_id;
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  patch<std::string> phone_number;
  std::optional<std::string> known_hash;  ///< the hash that the password was verified against
  /// The new address must be confirmed first. The answer, which has the old one, does not reveal
  /// whether the new one has an account.
  std::optional<bool> verify_email;
  std::optional<kernel::precondition> precondition = std::nullopt;
  patch<std::string> locale = {};
};
BOOST_DESCRIBE_STRUCT(update_user, (),
                      (user_id, username, email, first_name, last_name, phone_number, known_hash,
                       verify_email, precondition, locale))

/// Removes the user, the addresses and the sessions; publishes user.deleted. Requires the password,
/// like update_user.
struct delete_account {
  static constexpr std::string_view name = "user.delete";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  std::optional<std::string> known_hash;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_account, (), (user_id, known_hash, precondition))

/// By an admin or the system. conflict own_role for the caller's own role, so that one admin always
/// remains. A change revokes the user's access tokens, which contain the role; refresh tokens
/// remain valid.
struct set_role {
  static constexpr std::string_view name = "user.set_role";
  using reply = user_view;
  stoa::user_id user_id;
  user_role role = user_role::customer;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(set_role, (), (user_id, role, precondition))

/// The members of a user that staff may change.
struct user_annotation {
  static constexpr std::string_view schema_name = "user_update";
  patch<metadata_change> metadata;
  std::optional<std::vector<std::string>> groups = std::nullopt;
  static constexpr json::rule rules[] = {
      metadata_rule,
      {.field = "groups",
       .length_max = customer_groups_max,
       .form = json::format::line,
       .description = "The groups of customers to which the user belongs, for prices and "
                      "promotions; replaces all. Names of at most 64 characters."}};
  void check(std::vector<field_error>& errors) const {
    for (std::size_t i = 0; groups && i < groups->size(); ++i) {
      if (!(*groups)[i].empty() && text::code_points((*groups)[i]) <= group_length_max) continue;
      errors.push_back(
          {"/groups/" + std::to_string(i), "range", "A group's name has 1 to 64 characters."});
    }
  }
};
BOOST_DESCRIBE_STRUCT(user_annotation, (), (metadata, groups))

/// By staff or the system.
struct annotate_user {
  static constexpr std::string_view name = "user.annotate";
  using reply = user_view;
  stoa::user_id user_id;
  user_annotation change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(annotate_user, (), (user_id, change, precondition))

/// validation too_many_addresses.
struct add_address {
  static constexpr std::string_view name = "user.add_address";
  using reply = address_view;
  stoa::user_id user_id;
  address content;
};
BOOST_DESCRIBE_STRUCT(add_address, (), (user_id, content))

struct replace_address {
  static constexpr std::string_view name = "user.replace_address";
  using reply = address_view;
  stoa::user_id user_id;
  stoa::profile_id profile_id;
  address content;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(replace_address, (), (user_id, profile_id, content, precondition))

struct remove_address {
  static constexpr std::string_view name = "user.remove_address";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  stoa::profile_id profile_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(remove_address, (), (user_id, profile_id, precondition))

/// Recomputes the comparison key of the user's email address that an earlier version computed (sent
/// by the sweep). Unchanged if another account has the key.
struct renew_mail_key {
  static constexpr std::string_view name = "user.renew_mail_key";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  bool reported = false;  ///< the two accounts have been logged
};
BOOST_DESCRIBE_STRUCT(renew_mail_key, (), (user_id, reported))

// --- queries -------------------------------------------------------------------------------------

/// For the login: the user with this name or email address. For routes only; never return it.
struct find_credentials {
  static constexpr std::string_view name = "user.find_credentials";
  static constexpr bool no_transaction = true;
  struct answer {
    bool found = false;
    stoa::user_id user_id;
    std::string hashed_password;
    std::string username;
    std::string email;
  };
  using reply = answer;
  std::string login;  ///< used when user_id is absent
  std::optional<stoa::user_id> user_id;
};
BOOST_DESCRIBE_STRUCT(find_credentials::answer, (),
                      (found, user_id, hashed_password, username, email))
BOOST_DESCRIBE_STRUCT(find_credentials, (), (login, user_id))

/// A user; for the user and staff.
struct get_user {
  static constexpr std::string_view name = "user.get";
  static constexpr bool no_transaction = true;
  using reply = user_view;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(get_user, (), (user_id))

/// The existing ones of these users, in no particular order: at most users_max; for staff.
struct get_users {
  static constexpr std::string_view name = "user.get_several";
  using reply = user_page;
  static constexpr std::size_t users_max = 100;
  std::vector<stoa::user_id> user_ids;
};
BOOST_DESCRIBE_STRUCT(get_users, (), (user_ids))

/// All users, newest first.
struct list_users_query {
  static constexpr std::string_view name = "user.list";
  using reply = user_page;
  std::optional<user_role> role;
  std::optional<stoa::user_id> before;
  std::int64_t limit = 20;
  std::optional<std::string> email = std::nullopt;  ///< compared like accounts'
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_users_query, (), (role, before, limit, email, count))

struct list_addresses {
  static constexpr std::string_view name = "user.list_addresses";
  static constexpr bool no_transaction = true;
  using reply = address_page;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(list_addresses, (), (user_id))

struct get_address {
  static constexpr std::string_view name = "user.get_address";
  static constexpr bool no_transaction = true;
  using reply = address_view;
  stoa::user_id user_id;
  stoa::profile_id profile_id;
};
BOOST_DESCRIBE_STRUCT(get_address, (), (user_id, profile_id))

/// Whether an access token of the session and epoch has not been revoked, regardless of its
/// lifetime. For a node without the latest revocations.
struct check_session {
  static constexpr std::string_view name = "user.check_session";
  struct answer {
    bool good = false;
  };
  using reply = answer;
  stoa::session_id family;
  std::int64_t epoch = 0;
};
BOOST_DESCRIBE_STRUCT(check_session::answer, (), (good))
BOOST_DESCRIBE_STRUCT(check_session, (), (family, epoch))

/// Access tokens of the session with an epoch below `epoch` are rejected until `forget_at`.
struct revocation {
  stoa::session_id family;
  std::int64_t epoch = 0;
  timestamp forget_at;
};
BOOST_DESCRIBE_STRUCT(revocation, (), (family, epoch, forget_at))

/// The revocations since the last answer. `seen` comes from the last answer; initially empty.
struct revocations_query {
  static constexpr std::string_view name = "user.revocations";
  struct answer {
    std::vector<revocation> revoked;
    std::vector<std::int64_t> seen;
    bool more = false;  ///< incomplete: query again at once
  };
  using reply = answer;
  std::vector<std::int64_t> seen;  ///< per shard
};
BOOST_DESCRIBE_STRUCT(revocations_query::answer, (), (revoked, seen, more))
BOOST_DESCRIBE_STRUCT(revocations_query, (), (seen))

/// A user's contact data for an order.
struct get_contact {
  static constexpr std::string_view name = "user.get_contact";
  static constexpr bool no_transaction = true;
  struct answer {
    std::string email;
    std::string customer_name;
    std::optional<std::string> locale = std::nullopt;  ///< BCP 47
    std::optional<std::string> phone = std::nullopt;
    std::vector<std::string> groups = {};                       ///< of customers
    static constexpr std::string_view defaults[] = {"groups"};  ///< not in earlier versions
  };
  using reply = answer;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(get_contact::answer, (), (email, customer_name, locale, phone, groups))
BOOST_DESCRIBE_STRUCT(get_contact, (), (user_id))

}  // namespace stoa::user
