#pragma once
// The head of a request: request line and header fields (RFC 9112). A strict validator looks at the
// raw bytes first and refuses every form on which two parsers might disagree; what it lets through
// is read by Beast.

#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace stoa::http {

/// Most header fields that one request may have.
inline constexpr std::size_t header_fields_max = 100;

/// How the message is delimited, as the validator read it.
struct framing {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;        ///< what the client wishes
  bool expect_continue = false;  ///< it waits for "100 Continue" before it sends the body
  bool http_1_0 = false;
  bool coded = false;  ///< Content-Encoding names a coding of the body
};

/// Length of the head that stands complete at the front of `bytes`, its empty line included; 0
/// while more is needed. `scanned` (0 at first) keeps the place between calls. A bare LF is 400
/// `malformed_head`; beyond `bytes_max` it is 414 `target_too_long` or 431 `head_too_large`.
result<std::size_t> find_head_end(std::string_view bytes, std::size_t bytes_max,
                                  std::size_t& scanned);

/// The validator. `head` ends with its empty line. Problems 400, 417, 431, 501, 505; every form
/// refused stands in tests/unit/http_refusal_test.cpp.
result<framing> check_head(std::string_view head);

/// Reads a head that the validator has accepted. `scheme` is what an absolute-form target must
/// begin with. 501 for an unknown method, 400 for a bad target.
result<std::shared_ptr<request>> read_head(std::string_view head,
                                           std::string_view scheme = "http://");

}  // namespace stoa::http
