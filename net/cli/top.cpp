// `stoa top`: monitors the nodes of a cluster in a terminal.

#include "net/cli/commands.hpp"
#include "net/cli/fetch_nodes.hpp"
#include "net/cli/subcommands.hpp"
#include "net/cli/top_screen.hpp"
#include "net/cli/top_view.hpp"
#include "storage/base/json_read.hpp"

#include <cstdio>

namespace stoa::cli {

namespace {

using clock = std::chrono::steady_clock;

int bad_top_usage(const std::string& why) {
  std::fprintf(stderr, "stoa: %s\n", why.c_str());
  return exit_usage;
}

/// Polls once: adds the response to the view or prints it. Returns the error, empty on success.
std::string poll_once(const top_options& o, server_session& session, top_view& view) {
  try {
    const auto body = fetch_nodes(session);
    auto nodes = json::read_lenient<nodes_answer>(body);
    if (!nodes) return "cannot parse the response: " + nodes.error().detail;
    if (o.json) std::printf("%s\n", body.c_str());
    view.add(std::move(nodes->data), clock::now());
    return {};
  } catch (const access_refused&) {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  }
}

int watch(const top_options& o, server_session& session) {
  const bool live = !o.once && !o.json && top_screen::possible();
  const top_screen screen(live);
  top_view view;
  // Rates need two samples.
  const int samples_of_once = o.json ? 1 : 2;
  for (int samples = 1;; ++samples) {
    const auto error = poll_once(o, session, view);
    if (!error.empty() && !live) {
      std::fprintf(stderr, "stoa: %s: %s\n", o.server.url.c_str(), error.c_str());
      if (o.once) return exit_failed;
    }
    const bool last = o.once && samples == samples_of_once;
    const bool shown = live || (!o.json && error.empty() && (last || !o.once));
    const auto lines =
        shown ? view.lines(o.server.url, error, clock::now()) : std::vector<screen_line>{};
    if (!screen.draw(lines)) return exit_failed;
    if (last || !screen.wait(std::chrono::milliseconds{o.interval_ms})) return exit_done;
  }
}

}  // namespace

int run_top(const top_options& o) {
  auto session = open_session(o.server);
  if (!session) return bad_top_usage(session.error().detail);
  try {
    return watch(o, **session);
  } catch (const access_refused& e) {
    std::fprintf(stderr, "stoa: %s\n", e.what());
    return exit_failed;
  }
}

}  // namespace stoa::cli
