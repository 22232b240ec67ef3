#pragma once
// Masking of secrets in log lines and error messages.

#include <string>
#include <string_view>

namespace stoa::log {

/// True if the field's name denotes a secret: one of its words (separated by '_', '-', '.' or
/// blanks) is password, token, authorization, card, ...
bool is_secret_name(std::string_view name);

/// The text with the credentials in URLs masked: the password of user:password@host, the token of
/// token@host (for postgres:// this is a user name, which is kept), and the values of parameters
/// such as password=.
std::string masked_urls(std::string_view text);

/// The same for a setting's value, which may be a malformed URL, a libpq connection string or a
/// list: everything between the first user's colon and the last '@' is masked, also without a
/// scheme.
std::string masked_setting(std::string_view value);

}  // namespace stoa::log
