#pragma once
// An authenticated session of a subcommand with a running server.

#include "net/cli/http_call.hpp"
#include "net/cli/server_options.hpp"
#include "storage/base/result.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace stoa::cli {

/// The server rejects this caller, and a retry cannot succeed.
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
  server_session(server_address server, server_login login)
      : server_(std::move(server)), login_(std::move(login)) {}
  /// Logs out.
  ~server_session() { log_out(); }
  server_session(const server_session&) = delete;
  server_session& operator=(const server_session&) = delete;

  /// Sends the request with an access token and returns the response, whatever its status. Logs in
  /// or renews the token if necessary. Throws access_refused when it cannot get a token, and
  /// std::runtime_error on a failed request.
  http_reply call(http_request q, std::chrono::milliseconds limit = std::chrono::seconds{5});
  /// Logs out, if the server is reachable.
  void log_out();

 private:
  http_reply ask(http_request q, std::chrono::milliseconds limit) const;
  void take_token();
  bool refresh();
  void log_in();
  void read_token_file();

  server_address server_;
  server_login login_;
  std::string access_;
  std::string refresh_;
};

/// Creates a session, without logging in; prompts for the password if necessary. Problems: invalid
/// URL, no credentials, no password.
result<std::unique_ptr<server_session>> open_session(const server_options& o);
/// Runs `work` in a session and returns its exit code. Prints the reason when the session cannot be
/// created or `work` throws.
int in_session(const server_options& o, const std::function<int(server_session&)>& work);

/// The detail and the invalid fields of a problem document, on one line.
std::string reason_of(const http_reply& r);
/// Whether the response will be the same after a retry.
bool is_final(const http_reply& r);

}  // namespace stoa::cli
