#pragma once
// A response as bytes.

#include "net/http/message.hpp"

#include <string>
#include <string_view>

namespace stoa::http {

/// What the edge decides about an answer, beside what the handler gave.
struct wire_options {
  bool head_only = false;       ///< the request was HEAD
  bool close = false;           ///< says `Connection: close`
  bool say_keep_alive = false;  ///< an HTTP/1.0 client must be told
};

/// Writes status line and fields, the empty line included, over `out`. The edge alone frames the
/// message: fields named Content-Length, Transfer-Encoding, Connection or Date are left out. False
/// when a field's name or value could not stand in a header (a line break in it, say); `out` is
/// then to be thrown away.
bool write_head(const response& answer, const wire_options& options, std::string_view date,
                std::string& out);

/// True when a body follows the head.
bool has_body(const response& answer, const wire_options& options);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace stoa::http
