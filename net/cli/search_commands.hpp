#pragma once
// `stoa search`: the index of the search engine.

#include "config/settings.hpp"
#include "net/cli/server_options.hpp"

namespace stoa::cli {

struct reindex_options {
  bool restart = false;
  bool no_wait = false;
  server_options server;
};
/// `stoa search reindex`: builds a new index and switches the alias to it; at a running server, or
/// on a store that is not being served. exit_failed when the build fails or is rejected.
int run_reindex(const settings& s, const reindex_options& o);

struct search_status_options {
  bool json = false;
  server_options server{.url = "http://127.0.0.1:8080"};
};
/// `stoa search status`: exit_partly when the last build has failed.
int run_search_status(const search_status_options& o);

}  // namespace stoa::cli
