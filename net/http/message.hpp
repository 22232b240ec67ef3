#pragma once
// HTTP requests and responses as exchanged with the handler; independent of sockets and the parser.

#include "config/ip_network.hpp"
#include "net/http/byte_budget.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

/// The supported methods; all others are answered 501.
enum class method { get, head, post, put, patch, del, options };

/// The name on the wire: "GET", "DELETE", ...
std::string_view to_string(method m);
/// Exact, upper-case names only (RFC 9110, section 9.1: methods are case-sensitive).
std::optional<method> parse_method(std::string_view name);

/// Compares ASCII letters case-insensitively.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Header fields in the order received. One block of text with offsets, so that a request with ten
/// fields costs two allocations.
class header_list {
 public:
  void reserve(std::size_t bytes, std::size_t fields);
  void add(std::string_view name, std::string_view value);
  /// The first field of that name, case-insensitive; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }
  std::string_view name(std::size_t index) const;
  std::string_view value(std::size_t index) const;

 private:
  struct field {
    std::uint32_t name_begin;
    std::uint32_t value_begin;
    std::uint32_t value_end;
  };
  std::string text_;
  std::vector<field> fields_;
};

/// One request, complete and well-formed.
struct request {
  http::method method = http::method::get;
  std::string target;  ///< as received, origin-form
  std::string path;    ///< percent-decoded; a '/' in it always separates segments
  std::string query;   ///< raw, without the '?'; see query.hpp
  header_list headers;
  std::string body;
  byte_lease body_bytes;         ///< the body's share of the server's budget
  std::string remote_address;    ///< the client's IP address (client_address.hpp)
  ip_address client;             ///< the same in binary
  bool client_exempt = false;    ///< limits per address do not apply to the client
  std::uint64_t connection = 0;  ///< number of the connection in this process
  std::chrono::steady_clock::time_point received;  ///< when the head was complete

  std::optional<std::string_view> header(std::string_view name) const { return headers.find(name); }
};

/// A response. The HTTP server adds Date, Content-Length, Connection and X-Content-Type-Options and
/// omits the body for HEAD, 204 and 304.
struct response {
  int status = 200;
  std::string content_type{};  ///< no Content-Type field when empty
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::shared_ptr<const std::string> shared_body{};  ///< sent instead of `body` when set
  bool close = false;                                ///< close the connection after this response
  bool secret = false;                               ///< the body grants access: not compressed
  bool hang_up = false;  ///< close the connection without a response, to simulate a failure

  std::string_view content() const { return shared_body ? *shared_body : body; }
};

}  // namespace stoa::http
