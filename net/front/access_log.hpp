#pragma once
// The access log: one JSON line for each request, whatever became of it.

#include "config/line_file.hpp"
#include "net/http/message.hpp"
#include "net/http/server.hpp"

#include <string>
#include <string_view>

namespace stoa::front {

class exchange;

/// A path as it may be logged: without its query, which can hold anything, at most 200 bytes of it,
/// and without secrets. The id of a guest's cart is a secret. It is masked by its shape, as is
/// everything of 20 characters and more that may be an id or a token, because a mistyped path has
/// no route. UUIDs of versions 7 and 8, the ids of all other resources, are shown.
std::string logged_path(std::string_view path);

/// Thread-safe. Callers never wait for the file.
class access_log {
 public:
  /// Throws std::system_error when the file of log.access_file cannot be opened.
  explicit access_log(const std::string& file) : lines_(file) {}

  /// A request that the front end has answered.
  void answered(const exchange& x, const http::response& r);
  /// A request that the edge itself has answered.
  void answered(const http::edge_answer& a);
  /// After log rotation.
  void reopen() { lines_.reopen(); }
  std::uint64_t lost() const { return lines_.lost(); }

 private:
  log::line_file lines_;
};

}  // namespace stoa::front
