#pragma once
// The words of the mails about an account.

#include "actors/notification/templates.hpp"
#include "storage/user/mail_purpose.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::notification {

/// What the words may speak of. Empty: first_name (a greeting without a name), verification_url
/// (the token by itself).
struct account_mail_words {
  std::string store_name;
  std::string first_name;
  std::string verification_url;  ///< the token is appended
  std::optional<user::verification_id> verification_id;
};

/// Where the mail shows a token it holds a mark in its place, so that the token itself is neither
/// stored nor shown to staff.
rendered_mail render(user::mail_purpose purpose, const account_mail_words& about);

/// Whether the mail of that template holds a mark.
bool holds_token(std::string_view template_name);

using token_maker = std::function<std::string(user::verification_id)>;
/// The text with the tokens in place of their marks.
std::string with_tokens(std::string_view text, const token_maker& make);

}  // namespace stoa::notification
