#pragma once

#include <string>

namespace stoa::cli {

/// A server's URL and the login, from the command line.
struct server_options {
  std::string url{};            ///< http:// or https:// and host:port; empty: offline
  std::string user{};           ///< user name or email address; empty: token_file
  std::string password_file{};  ///< empty: STOA_PASSWORD, or a prompt
  std::string token_file{};     ///< its first line is an access token
};

}  // namespace stoa::cli
