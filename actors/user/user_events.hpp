#pragma once
// What the User service tells the world.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"
#include "storage/user/mail_purpose.hpp"

namespace stoa::user {

/// The account is gone, with all personal data that this service had of it.
struct user_deleted {
  static constexpr std::string_view name = "user.deleted";
  static constexpr std::string_view summary = "An account and its personal data were deleted.";
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(user_deleted, (), (user_id))

/// A mail is to be sent to an address, about an account that there is or may be.
struct account_mail {
  static constexpr std::string_view name = "user.account_mail";
  static constexpr std::string_view summary = "A mail about an account has to be sent.";
  mail_purpose purpose = mail_purpose::registration;
  std::string email;
  std::optional<std::string> first_name;
  /// What the mail's token confirms; none where there is nothing to confirm. Not the token itself.
  std::optional<user::verification_id> verification_id;
};
BOOST_DESCRIBE_STRUCT(account_mail, (), (purpose, email, first_name, verification_id))

}  // namespace stoa::user
