#pragma once
// Content codings of a body: gzip (RFC 1952) and zstd (RFC 8878), and their negotiation (RFC 9110,
// section 12.5.3).

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

enum class content_coding { identity, gzip, zstd };

/// "gzip", "zstd", "identity".
std::string_view to_string(content_coding c);

/// The client's preferred coding according to Accept-Encoding: with equal weights zstd before gzip
/// before identity. Identity without the field, or when no supported coding is acceptable: an
/// uncompressed body is more useful than 406.
content_coding preferred_coding(const std::optional<std::string>& accept_encoding);

/// Compression levels: gzip 1 to 9, zstd 1 to 19.
struct coding_levels {
  int gzip = 4;
  int zstd = 3;
};

/// The encoded body; nothing when that would not be smaller. Time is proportional to the body; each
/// thread keeps its compressor's memory.
std::optional<std::string> encode(std::string_view body, content_coding c,
                                  const coding_levels& levels);

}  // namespace stoa::http
