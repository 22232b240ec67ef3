#pragma once
// What a mail about an account is for.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

namespace stoa::user {

using verification_id = id<struct verification_tag>;

/// The *_known ones go to an address that has an account already, email_changed to one that was
/// given up.
enum class mail_purpose {
  registration,
  email_change,
  registration_known,
  email_change_known,
  email_changed
};
BOOST_DESCRIBE_ENUM(mail_purpose, registration, email_change, registration_known,
                    email_change_known, email_changed)

}  // namespace stoa::user
