#pragma once
// The content of mails about an account, and the tokens in mails.

#include "actors/notification/templates.hpp"
#include "storage/notification/notification.hpp"
#include "storage/user/mail_purpose.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::notification {

/// The content of a mail about an account. May be empty: first_name (no name in the greeting),
/// verification_url (only the token is shown).
struct account_mail_content {
  std::string store_name;
  std::string first_name;
  std::string verification_url;  ///< the token is appended
  std::optional<user::verification_id> verification_id;
};

/// The mail contains a placeholder instead of the token, so that the token is neither stored nor
/// shown to staff.
rendered_mail render(user::mail_purpose purpose, const account_mail_content& about,
                     const mail_style& style);

/// Whether mails of the template contain a placeholder.
bool holds_token(std::string_view template_name);

using token_maker = std::function<std::string(user::verification_id)>;
/// Replaces the placeholders by tokens.
std::string with_tokens(std::string_view text, const token_maker& make);

/// The link that unsubscribes the recipient of a notification, with a placeholder instead of the
/// token; empty without a URL to which the token is appended.
std::string unsubscribe_link(std::string_view url, stoa::notification_id id);
/// The placeholder in such a link.
std::string unsubscribe_placeholder(stoa::notification_id id);
/// Replaces the placeholders of this notification by the token. Placeholders of others, which a
/// customer could have entered as a name, stay.
std::string with_unsubscribe_token(std::string text, stoa::notification_id id,
                                   std::string_view token);

}  // namespace stoa::notification
