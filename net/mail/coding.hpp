#pragma once
// MIME encodings: quoted-printable (RFC 2045, 6.7), base64, encoded words (RFC 2047).

#include <optional>
#include <string>
#include <string_view>

namespace stoa::mail {

/// Encodes UTF-8 text as quoted-printable, with lines of at most 76 characters and CRLF. Accepts
/// CR, LF and CRLF as line endings.
std::string quoted_printable(std::string_view text);
/// Nothing for a malformed escape.
std::optional<std::string> from_quoted_printable(std::string_view coded);

/// A header's value: unchanged if it is short printable ASCII, else folded encoded words in UTF-8
/// and base64. `text` must be UTF-8 without control characters.
std::string header_text(std::string_view text);
/// Always encodes, as encoded words.
std::string encoded_words(std::string_view text);
/// Decodes the UTF-8 encoded words in an unfolded header value.
std::string from_header_text(std::string_view value);

/// Standard base64 with padding.
std::string base64(std::string_view bytes);

/// True when a byte is an ASCII control character.
bool has_control(std::string_view text);

}  // namespace stoa::mail
