#pragma once

#include <string>

namespace stoa::cli {

/// Where a running server is and who asks it, as the command line has it.
struct server_options {
  std::string url{};            ///< http:// or https:// and host:port; empty: the data directory
  std::string user{};           ///< user name or mail address; empty: token_file
  std::string password_file{};  ///< empty: STOA_PASSWORD, or asked for
  std::string token_file{};     ///< its first line is an access token
};

}  // namespace stoa::cli
