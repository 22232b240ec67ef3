#pragma once
// A running server that a subcommand asks, and the login that it needs for that.

#include "net/cli/http_call.hpp"
#include "net/cli/server_options.hpp"
#include "storage/base/result.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace stoa::cli {

/// The server refuses this caller, and repeating the request does not help.
class access_refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct server_login {
  std::string user;
  std::string password;
  std::string token_file;
};

class server_session {
 public:
  server_session(http_place server, server_login login)
      : server_(std::move(server)), login_(std::move(login)) {}
  /// Logs out.
  ~server_session() { log_out(); }
  server_session(const server_session&) = delete;
  server_session& operator=(const server_session&) = delete;

  /// Sends the request with an access token and returns the answer, whatever its status. Logs in,
  /// and renews the token, when it must. Throws access_refused when no token is to be had, and
  /// std::runtime_error when there is no answer.
  http_reply call(http_question q, std::chrono::milliseconds limit = std::chrono::seconds{5});
  /// Ends the login at the server, if it can be reached.
  void log_out();

 private:
  http_reply ask(http_question q, std::chrono::milliseconds limit) const;
  void take_token();
  bool refresh();
  void log_in();
  void read_token_file();

  http_place server_;
  server_login login_;
  std::string access_;
  std::string refresh_;
};

/// The session with the server, not yet logged in; asks for the password when it must. Problems: a
/// bad URL, no login, no password.
result<std::unique_ptr<server_session>> open_session(const server_options& o);
/// Carries out the work in a session with the server and returns its exit code; prints why when
/// there is no session, or the work throws.
int in_session(const server_options& o, const std::function<int(server_session&)>& work);

/// What a problem document says, on one line: its detail and the fields that are wrong.
std::string reason_of(const http_reply& r);
/// Whether the answer will be the same however often the request is repeated.
bool is_final(const http_reply& r);

}  // namespace stoa::cli
