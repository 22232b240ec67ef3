#pragma once
// An HTTP/1.1 answer as a client reads it off the wire (RFC 9112), for tests and the load
// generator.

#include "storage/base/json_value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The field's value in a head (status line and fields, each ended by CRLF); "" when it is absent.
std::string_view field_of(std::string_view head, std::string_view name);

/// The first string member of that name anywhere in a JSON text, without unescaping: quick, and
/// right for ids, states and tokens. "" when there is none.
std::string_view text_member(std::string_view json, std::string_view name);

struct http_answer {
  int status = 0;  ///< 0: no answer came
  header_list headers;
  std::string body;

  /// The field's value, names compared without case; "" when absent.
  std::string header(std::string_view name) const;
  /// The body as JSON; throws std::runtime_error when it is none.
  json::value json() const;
  /// The `code` of a problem (RFC 9457), "" when the body is none.
  std::string code() const { return std::string(text_member(body, "code")); }
};

/// Cuts answers out of a stream of bytes. Understands Content-Length and answers without a body;
/// interim answers (1xx) and chunked ones, which Stoa never sends, are errors.
class answer_reader {
 public:
  /// Takes what has been received. Throws std::runtime_error for bytes that are no answer.
  void add(std::string_view bytes) { received_.append(bytes); }
  /// True when a whole answer lies ready; then head() and body() are its parts until next().
  bool ready();
  int status() const { return status_; }
  std::string_view head() const { return std::string_view(received_).substr(0, head_size_); }
  std::string_view body() const {
    return std::string_view(received_).substr(head_size_, body_size_);
  }
  /// True when the server will close after this answer.
  bool closes() const { return closes_; }
  /// Goes on to the next answer.
  void next();
  /// Forgets everything: for a new connection.
  void reset();
  bool empty() const { return received_.empty(); }

 private:
  void read_head();

  std::string received_;
  std::size_t head_size_ = 0;  ///< 0: the head is not complete
  std::size_t body_size_ = 0;
  int status_ = 0;
  bool closes_ = false;
};

/// A request's bytes. `body` makes a Content-Length and, unless the headers name one, a
/// Content-Type of JSON; requests of GET and DELETE without a body have neither.
std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const header_list& headers);

}  // namespace stoa::test
