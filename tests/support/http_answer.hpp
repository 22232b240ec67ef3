#pragma once
// An HTTP/1.1 response as received (RFC 9112), for tests and the load generator.

#include "storage/base/json_value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The field's value in a head (status line and fields, each ended by CRLF); "" when it is absent.
std::string_view field_of(std::string_view head, std::string_view name);

/// The first string member of that name anywhere in a JSON text, not unescaped: fast, and correct
/// for ids, states and tokens. "" when there is none.
std::string_view text_member(std::string_view json, std::string_view name);

struct http_answer {
  int status = 0;  ///< 0: no response
  header_list headers;
  std::string body;

  /// The field's value, names compared without case; "" when absent.
  std::string header(std::string_view name) const;
  /// The body as JSON; throws std::runtime_error when it is not JSON.
  json::value json() const;
  /// The `code` of a problem (RFC 9457), "" when the body is not a problem.
  std::string code() const { return std::string(text_member(body, "code")); }
};

/// Splits a byte stream into responses, with Content-Length, in chunks (RFC 9112, section 7.1), or
/// without a body; interim (1xx) responses are errors.
class answer_reader {
 public:
  /// Adds received bytes. Throws std::runtime_error for bytes that are not a response.
  void add(std::string_view bytes) { received_.append(bytes); }
  /// True when a response is complete; head() and body() then refer to it until next().
  bool ready();
  int status() const { return status_; }
  std::string_view head() const { return std::string_view(received_).substr(0, head_size_); }
  std::string_view body() const {
    return is_chunked_ ? std::string_view(chunks_)
                       : std::string_view(received_).substr(head_size_, body_size_);
  }
  /// True when the server closes the connection after this response.
  bool closes() const { return closes_; }
  /// Moves to the next response.
  void next();
  /// Discards all state, for a new connection.
  void reset();
  bool empty() const { return received_.empty(); }

 private:
  void read_head();
  bool read_chunks();

  std::string received_;
  std::size_t head_size_ = 0;  ///< 0: the head is not complete
  std::size_t body_size_ = 0;  ///< of chunks: of those that were read, with their sizes
  bool is_chunked_ = false;
  bool is_complete_ = false;  ///< the last chunk was read
  std::string chunks_;
  int status_ = 0;
  bool closes_ = false;
};

/// A request's bytes. `body` adds a Content-Length and, unless the headers name one, a Content-Type
/// of JSON; GET and DELETE requests without a body have neither.
std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const header_list& headers);

}  // namespace stoa::test
