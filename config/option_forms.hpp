#pragma once
// The forms that text settings must have; each true when the text has it.

#include <string_view>

namespace stoa::config {

/// host:port; an IPv6 address stands in brackets; the port is 0 to 65535.
bool is_listen_address(std::string_view text);
/// "*" or scheme://host[:port], without a path, as a browser sends it in Origin (RFC 6454).
bool is_cors_origin(std::string_view text);
/// Three capital letters. Whether ISO 4217 knows them is for the part that knows its list.
bool is_currency_code(std::string_view text);
/// Name <local@domain>, or local@domain alone.
bool is_mail_sender(std::string_view text);
/// 1 to 200 characters.
bool is_store_name(std::string_view text);
bool is_not_empty(std::string_view text);

}  // namespace stoa::config
