#pragma once
// Text and bytes: Unicode normal forms, encodings, hashes, random bytes. Binary data is a
// std::string of bytes.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::text {

/// Unicode case folding, then NFC: names are equal if they fold to the same text. Invalid UTF-8 is
/// returned unchanged.
std::string fold(std::string_view text);
/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;
/// Length in bytes of the valid UTF-8 prefix.
std::size_t utf8_prefix(std::string_view text) noexcept;
/// Number of code points of a valid UTF-8 text.
std::size_t code_points(std::string_view text) noexcept;
/// Trims ASCII white space.
std::string trim(std::string_view text);
/// Trims spaces and tabs only.
std::string_view trim_blanks(std::string_view text) noexcept;
/// A code as it is compared: ASCII capitals, without spaces and hyphens. "ab-1 2" is "AB12".
std::string plain_code(std::string_view code);
/// The words with the separator between them.
std::string join(const std::vector<std::string>& words, std::string_view separator);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
/// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);
/// Decodes canonical base64url without padding; empty for any other text.
std::optional<std::string> from_base64url(std::string_view text);

/// Compares in constant time.
bool equal_secret(std::string_view a, std::string_view b) noexcept;
/// Keyed BLAKE2b (RFC 7693), 32 bytes. Throws std::logic_error unless the key has 16 to 64 bytes.
std::string keyed_hash(std::string_view key, std::string_view text);
/// BLAKE2b without a key, 32 bytes.
std::string hash(std::string_view text);
/// SipHash-2-4 with 128 bits and a fixed key: faster than hash(). Not for texts that an attacker
/// could make collide.
std::string short_hash(std::string_view text);
/// n cryptographically random bytes.
std::string random_bytes(std::size_t n);

}  // namespace stoa::text
