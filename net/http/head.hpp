#pragma once
// The head of a request: request line and header fields (RFC 9112). A strict validator checks the
// raw bytes first and rejects every form on which two parsers might disagree; accepted heads are
// then parsed by Beast.

#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace stoa::http {

/// Maximum number of header fields per request.
inline constexpr std::size_t header_fields_max = 100;

/// The framing of the message, as read by the validator.
struct framing {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;        ///< the client's preference
  bool expect_continue = false;  ///< the client waits for "100 Continue" before it sends the body
  bool http_1_0 = false;
  bool coded = false;  ///< Content-Encoding specifies a coding of the body
};

/// Length of the complete head at the front of `bytes`, its empty line included; 0 while more is
/// needed. `scanned` (initially 0) keeps the position between calls. A bare LF is 400
/// `malformed_head`; a head beyond `bytes_max` is 414 `target_too_long` or 431 `head_too_large`.
result<std::size_t> find_head_end(std::string_view bytes, std::size_t bytes_max,
                                  std::size_t& scanned);

/// The validator. `head` ends with its empty line. Problems 400, 417, 431, 501, 505; all rejected
/// forms are listed in tests/unit/http_refusal_test.cpp.
result<framing> check_head(std::string_view head);

/// Parses a head that the validator has accepted. `scheme` is the required prefix of an
/// absolute-form target. 501 for an unknown method, 400 for an invalid target.
result<std::shared_ptr<request>> read_head(std::string_view head,
                                           std::string_view scheme = "http://");

}  // namespace stoa::http
