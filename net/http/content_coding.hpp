#pragma once
// Content codings of a body: gzip (RFC 1952) and zstd (RFC 8878), and which of them a client
// wants (RFC 9110, section 12.5.3).

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

enum class content_coding { identity, gzip, zstd };

/// "gzip", "zstd", "identity".
std::string_view to_string(content_coding c);

/// What the client prefers, by the value of Accept-Encoding: of equal weights zstd before gzip
/// before identity. Identity without such a field, and where nothing that we have is acceptable: a
/// body in no coding is of more use than 406.
content_coding preferred_coding(const std::optional<std::string>& accept_encoding);

/// How hard to try, for gzip 1 to 9 and for zstd 1 to 19.
struct coding_levels {
  int gzip = 4;
  int zstd = 3;
};

/// The body in the coding; nothing when that would not make it smaller. Takes time in proportion to
/// the body, and memory that each thread keeps.
std::optional<std::string> encode(std::string_view body, content_coding c,
                                  const coding_levels& levels);

}  // namespace stoa::http
