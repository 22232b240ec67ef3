// The command line of `stoa search`.

#include "net/cli/search_commands.hpp"
#include "net/cli/subcommand_parts.hpp"

#include <memory>

namespace stoa::cli {

namespace {

void add_reindex(CLI::App& group, command_list& all) {
  auto o = std::make_shared<reindex_options>();
  auto* reindex =
      group.add_subcommand("reindex",
                           "Build a new index of the search engine from all products, switch the "
                           "alias to it and delete\n"
                           "the old index. Searches use the old one until then (docs/search.md).");
  reindex->add_flag("--restart", o->restart, "Abandon a build that is running, and begin again");
  reindex->add_flag("--no-wait", o->no_wait,
                    "With --url: return when the build has begun; the server continues it");
  add_server(*reindex, o->server, "--password-file");
  reindex->footer(
      "Exit code: 0, or 1 when the build has failed or cannot begin.\n\n"
      "The store is that of --data DIR (STOA_DATA_DIR, default ./stoa-data) or of --postgres-url,\n"
      "which must not be served at the same time, with the engine of --search-url; or with --url\n"
      "that of a running server. After Ctrl-C the server continues the build.");
  all.push_back({reindex, [o](const settings& s) { return run_reindex(s, *o); }});
}

void add_search_status(CLI::App& group, command_list& all) {
  auto o = std::make_shared<search_status_options>();
  auto* status = group.add_subcommand(
      "status", "Show the engine, the number of outdated products and the last build.");
  status->add_flag("--json", o->json, "Print the server's response");
  add_node(*status, o->server);
  status->footer("Exit code: 0, 3 when the last build has failed, 1 on a failed request.");
  all.push_back({status, [o](const settings&) { return run_search_status(*o); }});
}

}  // namespace

command_list add_search_commands(CLI::App& app) {
  command_list all;
  auto* group = app.add_subcommand("search", "Manage the index of the search engine");
  group->require_subcommand(1);
  add_reindex(*group, all);
  add_search_status(*group, all);
  return all;
}

}  // namespace stoa::cli
