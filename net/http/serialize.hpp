#pragma once
// Serializes the head of a response.

#include "net/http/message.hpp"

#include <string>
#include <string_view>

namespace stoa::http {

/// Options of the HTTP server for a response.
struct wire_options {
  bool head_only = false;        ///< the request was HEAD
  bool close = false;            ///< send `Connection: close`
  bool send_keep_alive = false;  ///< send `Connection: keep-alive`, for HTTP/1.0 clients
};

/// Writes the status line, the fields and the empty line to `out`, replacing its content. Fields
/// named Content-Length, Transfer-Encoding, Connection or Date are omitted: only the server frames
/// messages. False when a field's name or value is invalid in a header (such as a line break);
/// `out` must then be discarded.
bool write_head(const response& answer, const wire_options& options, std::string_view date,
                std::string& out);

/// True when a body follows the head.
bool has_body(const response& answer, const wire_options& options);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace stoa::http
