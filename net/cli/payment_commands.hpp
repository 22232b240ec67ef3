#pragma once
// `stoa payments reconcile`: through the API of a running server.

#include "net/cli/server_options.hpp"

#include <string>

namespace stoa::cli {

struct reconcile_options {
  server_options server{.url = "http://127.0.0.1:8080"};
  std::string from;     ///< RFC 3339
  std::string to;       ///< RFC 3339, exclusive
  std::string gateway;  ///< empty: that of new payments
  bool json = false;    ///< print the server's response
};
/// Returns exit_partly when there are differences.
int run_reconcile(const reconcile_options& o);

}  // namespace stoa::cli
