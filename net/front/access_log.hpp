#pragma once
// The access log: one JSON line for each request, whatever its outcome.

#include "config/line_file.hpp"
#include "net/http/message.hpp"
#include "net/http/server.hpp"

#include <string>
#include <string_view>

namespace stoa::front {

class exchange;

/// A path as it may be logged: at most 200 bytes, without its query, which can hold anything, and
/// without secrets. A guest's cart id is a secret. It is masked by its form, like every text of 20
/// or more characters that may be an id or a token, because a mistyped path has no route. UUIDs of
/// versions 7 and 8, the ids of all other resources, are logged.
std::string logged_path(std::string_view path);

/// Thread-safe. Callers never wait for the file.
class access_log {
 public:
  /// Throws std::system_error when the file of log.access_file cannot be opened.
  explicit access_log(const std::string& file) : lines_(file) {}

  /// Logs a request that the front end has answered.
  void answered(const exchange& x, const http::response& r);
  /// Logs a request that the HTTP server has answered itself.
  void answered(const http::server_response& a);
  /// Reopens the file after log rotation.
  void reopen() { lines_.reopen(); }
  std::uint64_t lost() const { return lines_.lost(); }

 private:
  log::line_file lines_;
};

}  // namespace stoa::front
