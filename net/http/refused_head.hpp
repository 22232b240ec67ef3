#pragma once
// Reads what is possible from a rejected or incomplete head.

#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

/// The first field of that name among the complete lines of the head.
std::optional<std::string_view> find_field(std::string_view head, std::string_view name);

/// The request line of such a head, for a log.
struct request_line {
  std::string method{};  ///< as received; empty when the line does not begin with a token
  std::string path{};    ///< decoded as far as possible, without scheme, host and query
};
/// The line may be incomplete.
request_line find_request_line(std::string_view head);

}  // namespace stoa::http
