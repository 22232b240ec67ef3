#pragma once
// Purposes of account mails.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

namespace stoa::user {

using verification_id = id<struct verification_tag>;

/// The *_known mails are sent to an address that has an account, email_changed to the previous
/// address.
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
