#pragma once
// The User service's records.

#include "storage/base/metadata.hpp"
#include "storage/db/records.hpp"
#include "storage/user/mail_purpose.hpp"

namespace stoa::user {

enum class user_role { customer, staff, admin };
BOOST_DESCRIBE_ENUM(user_role, customer, staff, admin)

struct user_row {
  static constexpr const char* table = "users";
  static constexpr std::size_t key_columns = 1;
  stoa::user_id user_id;
  std::string username;
  std::string username_folded;  ///< by text::fold
  std::string email;
  std::string email_folded;     ///< by text::mail_key; see old_mail_key_row
  std::string hashed_password;  ///< Argon2id in PHC form
  std::string first_name;
  std::string last_name;
  std::optional<std::string> phone_number;
  user_role role = user_role::customer;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  stoa::metadata metadata = {};
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47; language of the user's mails
  std::vector<std::string> customer_groups = {};     ///< for prices; set by staff
};
BOOST_DESCRIBE_STRUCT(user_row, (),
                      (user_id, username, username_folded, email, email_folded, hashed_password,
                       first_name, last_name, phone_number, role, created_at, updated_at, version,
                       metadata, locale, customer_groups))

/// One of the user's addresses.
struct user_profile_row {
  static constexpr const char* table = "user_profiles";
  static constexpr std::size_t key_columns = 1;
  stoa::profile_id profile_id;
  stoa::user_id user_id;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::string address_line1;
  std::optional<std::string> address_line2;
  std::string city;
  std::optional<std::string> state;
  std::string postal_code;  ///< empty in countries without postal codes
  std::string country;
  timestamp created_at;
  timestamp updated_at;
  std::optional<std::string> company;
  std::optional<std::string> phone;
};
BOOST_DESCRIBE_STRUCT(user_profile_row, (),
                      (profile_id, user_id, first_name, last_name, address_line1, address_line2,
                       city, state, postal_code, country, created_at, updated_at, company, phone))

/// A login and its refresh tokens.
struct session_row {
  static constexpr const char* table = "sessions";
  static constexpr std::size_t key_columns = 1;
  stoa::session_id family;
  stoa::user_id user_id;
  std::int64_t generation = 1;  ///< of the current refresh token
  timestamp rotated_at;         ///< when the current refresh token was issued
  timestamp expires_at;
  std::optional<timestamp> revoked_at;
  timestamp created_at;
  std::optional<std::string> user_agent;
  /// Contained in the session's access tokens. Raised to reject earlier ones (a change of role).
  std::int64_t epoch = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(session_row, (),
                      (family, user_id, generation, rotated_at, expires_at, revoked_at, created_at,
                       user_agent, epoch, version))

/// Number of revocation counters; several reduce contention between partitions.
inline constexpr std::size_t revocation_shards = 16;

/// The counter of a shard's revocations. Created with the first revocation.
struct revocation_counter_row {
  static constexpr const char* table = "revocation_counters";
  static constexpr std::size_t key_columns = 1;
  std::int64_t shard = 0;
  std::int64_t last_seq = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(revocation_counter_row, (), (shard, last_seq, version))

/// Rejects access tokens of the session with an epoch below `epoch`. Append-only, added in the
/// revoking transaction; kept until such tokens have expired.
struct revocation_row {
  static constexpr const char* table = "revocations";
  static constexpr std::size_t key_columns = 2;
  std::int64_t shard = 0;
  std::int64_t seq = 0;
  stoa::session_id family;
  std::int64_t epoch = 0;
  timestamp forget_at;
};
BOOST_DESCRIBE_STRUCT(revocation_row, (), (shard, seq, family, epoch, forget_at))

/// A pending verification of an email address, or a notice to an address that has an account. All
/// mails to one address count towards its limit.
struct verification_row {
  static constexpr const char* table = "verifications";
  static constexpr std::size_t key_columns = 1;
  user::verification_id verification_id;
  mail_purpose purpose = mail_purpose::registration;
  std::string email;
  std::string email_folded;              ///< by text::mail_key
  std::optional<stoa::user_id> user_id;  ///< the user whose address changes
  // For a registration:
  std::optional<std::string> username;
  std::optional<std::string> hashed_password;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> phone_number;
  timestamp created_at;
  timestamp expires_at;
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
};
BOOST_DESCRIBE_STRUCT(verification_row, (),
                      (verification_id, purpose, email, email_folded, user_id, username,
                       hashed_password, first_name, last_name, phone_number, created_at, expires_at,
                       locale))

/// A user whose email_folded was computed by an earlier version (by text::fold) and may differ.
struct old_mail_key_row {
  static constexpr const char* table = "outdated_mail_keys";
  static constexpr std::size_t key_columns = 1;
  stoa::user_id user_id;
  std::optional<stoa::user_id> taken_by;  ///< the user that already has the new key
  bool reported = false;                  ///< the conflict was logged
};
BOOST_DESCRIBE_STRUCT(old_mail_key_row, (), (user_id, taken_by, reported))

using user_records =
    db::unit_of_work<user_row, user_profile_row, session_row, revocation_counter_row,
                     revocation_row, verification_row, old_mail_key_row>;

}  // namespace stoa::user
