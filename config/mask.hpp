#pragma once
// What must not reach the log, nor an error message.

#include <string>
#include <string_view>

namespace stoa::log {

/// True when the field's name tells of a secret: one of its words (parted by '_', '-', '.' or
/// blanks) is password, token, authorization, card, ...
bool is_secret_name(std::string_view name);

/// A text with the credentials of each URL in it masked: the password of user:password@host, the
/// token of token@host (with postgres:// that is a user's name, which stays), and the values of
/// parameters such as password=.
std::string masked_urls(std::string_view text);

/// The same for a setting's value as it was given, which may be a malformed URL, a libpq connection
/// string or a list: all of it between the first user's colon and the last '@' is masked, also
/// where the scheme is missing.
std::string masked_setting(std::string_view value);

}  // namespace stoa::log
