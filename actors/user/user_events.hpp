#pragma once
// The events of the User service.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"
#include "storage/user/mail_purpose.hpp"

namespace stoa::user {

/// The account and its personal data in this service were deleted.
struct user_deleted {
  static constexpr std::string_view name = "user.deleted";
  static constexpr std::string_view summary = "An account and its personal data were deleted.";
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(user_deleted, (), (user_id))

/// The address or the language of an account's emails was changed.
struct contact_changed {
  static constexpr std::string_view name = "user.contact_changed";
  static constexpr std::string_view summary =
      "The email address or the language of an account was changed.";
  stoa::user_id user_id;
  std::string email;
  std::optional<std::string> locale;  ///< BCP 47
};
BOOST_DESCRIBE_STRUCT(contact_changed, (), (user_id, email, locale))

/// A mail about an existing or requested account has to be sent to an address.
struct account_mail {
  static constexpr std::string_view name = "user.account_mail";
  static constexpr std::string_view summary = "An email about an account has to be sent.";
  mail_purpose purpose = mail_purpose::registration;
  std::string email;
  std::optional<std::string> first_name;
  /// What the mail's token confirms, not the token itself; absent when there is nothing to confirm.
  std::optional<user::verification_id> verification_id;
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
};
BOOST_DESCRIBE_STRUCT(account_mail, (), (purpose, email, first_name, verification_id, locale))

}  // namespace stoa::user
