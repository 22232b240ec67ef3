#pragma once
// The texts of the mails about an account.

#include "actors/notification/templates.hpp"
#include "storage/user/mail_purpose.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::notification {

/// The variables of the texts. May be empty: first_name (no name in the greeting), verification_url
/// (only the token is shown).
struct account_mail_content {
  std::string store_name;
  std::string first_name;
  std::string verification_url;  ///< the token is appended
  std::optional<user::verification_id> verification_id;
};

/// The mail contains a placeholder instead of the token, so that the token is neither stored nor
/// shown to staff.
rendered_mail render(user::mail_purpose purpose, const account_mail_content& about);

/// Whether mails of the template contain a placeholder.
bool holds_token(std::string_view template_name);

using token_maker = std::function<std::string(user::verification_id)>;
/// Replaces the placeholders by tokens.
std::string with_tokens(std::string_view text, const token_maker& make);

}  // namespace stoa::notification
