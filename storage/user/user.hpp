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
};
BOOST_DESCRIBE_STRUCT(user_row, (),
                      (user_id, username, username_folded, email, email_folded, hashed_password,
                       first_name, last_name, phone_number, role, created_at, updated_at, version,
                       metadata))

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
  std::string postal_code;  ///< empty where there is none
  std::string country;
  timestamp created_at;
  timestamp updated_at;
  std::optional<std::string> company;
  std::optional<std::string> phone;
};
BOOST_DESCRIBE_STRUCT(user_profile_row, (),
                      (profile_id, user_id, first_name, last_name, address_line1, address_line2,
                       city, state, postal_code, country, created_at, updated_at, company, phone))

/// One login and the refresh tokens that came of it.
struct session_row {
  static constexpr const char* table = "sessions";
  static constexpr std::size_t key_columns = 1;
  stoa::session_id family;
  stoa::user_id user_id;
  std::int64_t generation = 1;  ///< of the refresh token that is good now
  timestamp rotated_at;         ///< when that one was made
  timestamp expires_at;
  std::optional<timestamp> revoked_at;
  timestamp created_at;
  std::optional<std::string> user_agent;
  /// In the session's access tokens. Raised to refuse those issued before (a change of role).
  std::int64_t epoch = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(session_row, (),
                      (family, user_id, generation, rotated_at, expires_at, revoked_at, created_at,
                       user_agent, epoch, version))

/// Revocations are numbered by several counters, so that partitions seldom wait for each other.
inline constexpr std::size_t revocation_shards = 16;

/// The counter of one shard's revocations. None before the first of them.
struct revocation_counter_row {
  static constexpr const char* table = "revocation_counters";
  static constexpr std::size_t key_columns = 1;
  std::int64_t shard = 0;
  std::int64_t last_seq = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(revocation_counter_row, (), (shard, last_seq, version))

/// Access tokens of the session whose epoch is below `epoch` are refused. Only ever added, in the
/// transaction of what revokes them; kept as long as such a token may live.
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

/// What waits for the owner of a mail address to confirm it, and what was told to an address that
/// is taken: all that was sent to one address counts towards its bound.
struct verification_row {
  static constexpr const char* table = "verifications";
  static constexpr std::size_t key_columns = 1;
  user::verification_id verification_id;
  mail_purpose purpose = mail_purpose::registration;
  std::string email;
  std::string email_folded;              ///< by text::mail_key
  std::optional<stoa::user_id> user_id;  ///< whose address is to change
  // Of a registration:
  std::optional<std::string> username;
  std::optional<std::string> hashed_password;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> phone_number;
  timestamp created_at;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(verification_row, (),
                      (verification_id, purpose, email, email_folded, user_id, username,
                       hashed_password, first_name, last_name, phone_number, created_at,
                       expires_at))

/// A user whose email_folded an earlier version made (by text::fold), where the two may differ.
struct old_mail_key_row {
  static constexpr const char* table = "old_mail_keys";
  static constexpr std::size_t key_columns = 1;
  stoa::user_id user_id;
  std::optional<stoa::user_id> taken_by;  ///< who has the key that the address would get
  bool reported = false;                  ///< the log tells of that
};
BOOST_DESCRIBE_STRUCT(old_mail_key_row, (), (user_id, taken_by, reported))

using user_records =
    db::unit_of_work<user_row, user_profile_row, session_row, revocation_counter_row,
                     revocation_row, verification_row, old_mail_key_row>;

}  // namespace stoa::user
