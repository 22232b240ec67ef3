#pragma once
// What `stoa top` asks of a server, and the login that it needs for it.

#include "net/cli/http_call.hpp"

#include <stdexcept>
#include <string>

namespace stoa::cli {

/// The server will not answer this caller; asking again is of no use.
class access_refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Who asks: a user, or whoever has the token in the file.
struct top_login {
  std::string user;
  std::string password;
  std::string token_file;
};

class top_session {
 public:
  top_session(http_place server, top_login login)
      : server_(std::move(server)), login_(std::move(login)) {}

  /// The answer of /admin/v1/nodes. Logs in, and renews the access token, when it must. Throws
  /// access_refused, or std::runtime_error for what may be better the next time.
  std::string nodes();
  /// Ends the login at the server, if it can be reached.
  void log_out();

 private:
  http_reply ask_nodes() const;
  void take_token();
  bool refresh();
  void log_in();
  void read_token_file();

  http_place server_;
  top_login login_;
  std::string access_;
  std::string refresh_;
};

}  // namespace stoa::cli
