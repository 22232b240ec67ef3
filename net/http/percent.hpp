#pragma once
// Percent-encoding (RFC 3986, section 2.1), strict.

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

/// Why a text could not be decoded.
enum class decode_error { none, bad_escape, control_character, not_utf8 };

/// Decodes %XX, and '+' as a space when `plus_is_space`. Rejects incomplete escapes, control
/// characters (including NUL) and invalid UTF-8. `out` is valid only after decode_error::none.
decode_error percent_decode(std::string_view text, bool plus_is_space, std::string& out);

/// Encodes all but the unreserved characters (letters, digits, - . _ ~).
std::string percent_encode(std::string_view text);

/// A description of the error.
std::string_view describe(decode_error e);

}  // namespace stoa::http
