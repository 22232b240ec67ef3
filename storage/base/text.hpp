#pragma once
// Text and bytes: Unicode forms for comparing, encodings, hashes, random bytes. Binary data is a
// std::string of bytes, as the databases take it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::text {

/// Unicode case folding, then NFC: two names that fold to the same text are the same name. Text
/// that is no UTF-8 comes back as it is.
std::string fold(std::string_view text);
/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;
/// Bytes at the start of the text that are valid UTF-8.
std::size_t utf8_prefix(std::string_view text) noexcept;
/// Number of code points of a valid UTF-8 text.
std::size_t code_points(std::string_view text) noexcept;
/// Without ASCII white space at both ends.
std::string trim(std::string_view text);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
/// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);
/// The bytes of canonical base64url without padding; nothing for any other text.
std::optional<std::string> from_base64url(std::string_view text);

/// True when both are the same bytes; takes the same time wherever they differ.
bool equal_secret(std::string_view a, std::string_view b) noexcept;
/// BLAKE2b keyed with `key` (RFC 7693), 32 bytes. The key has 16 to 64 bytes: throws
/// std::logic_error for any other length, for then it is no key.
std::string keyed_hash(std::string_view key, std::string_view text);
/// BLAKE2b without a key, 32 bytes.
std::string hash(std::string_view text);
/// n unguessable bytes.
std::string random_bytes(std::size_t n);

}  // namespace stoa::text
