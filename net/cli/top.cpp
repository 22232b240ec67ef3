// `stoa top`: the nodes of a cluster, watched in a terminal.

#include "config/mask.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/password_prompt.hpp"
#include "net/cli/subcommands.hpp"
#include "net/cli/top_screen.hpp"
#include "net/cli/top_session.hpp"
#include "net/cli/top_view.hpp"
#include "storage/base/json_read.hpp"

#include <cstdio>

namespace stoa::cli {

namespace {

using clock = std::chrono::steady_clock;

struct nodes_answer {
  std::vector<kernel::node_state> data;
};
BOOST_DESCRIBE_STRUCT(nodes_answer, (), (data))

int bad_usage(const std::string& why) {
  std::fprintf(stderr, "stoa: %s\n", why.c_str());
  return exit_usage;
}

/// One look: the node's answer goes into the view, or onto standard output. Returns why there was
/// none, empty: there was.
std::string look(const top_options& o, top_session& session, top_view& view) {
  try {
    const auto body = session.nodes();
    auto nodes = json::read_lenient<nodes_answer>(body);
    if (!nodes) return "the answer cannot be read: " + nodes.error().detail;
    if (o.json) std::printf("%s\n", body.c_str());
    view.add(std::move(nodes->data), clock::now());
    return {};
  } catch (const access_refused&) {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  }
}

int watch(const top_options& o, top_session& session) {
  const bool live = !o.once && !o.json && top_screen::possible();
  const top_screen screen(live);
  top_view view;
  // Rates need two looks.
  const int looks_of_once = o.json ? 1 : 2;
  for (int looks = 1;; ++looks) {
    const auto trouble = look(o, session, view);
    if (!trouble.empty() && !live) {
      std::fprintf(stderr, "stoa: %s: %s\n", o.url.c_str(), trouble.c_str());
      if (o.once) return exit_failed;
    }
    const bool last = o.once && looks == looks_of_once;
    const bool shown = live || (!o.json && trouble.empty() && (last || !o.once));
    const auto lines =
        shown ? view.lines(o.url, trouble, clock::now()) : std::vector<screen_line>{};
    if (!screen.draw(lines)) return exit_failed;
    if (last || !screen.wait(std::chrono::milliseconds{o.interval_ms})) return exit_done;
  }
}

bool is_here(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

int run_top(const top_options& o) {
  http_place place;
  try {
    place = parse_http_place(o.url);
  } catch (const std::invalid_argument& e) {
    return bad_usage("--url " + log::masked_setting(o.url) + ": " + e.what());
  }
  top_login login{o.user, {}, o.token_file};
  if (login.user.empty() == login.token_file.empty()) {
    return bad_usage("top needs a login of the staff: --user or --token-file");
  }
  if (!place.tls && !is_here(place.host)) {
    std::fprintf(stderr, "stoa: warning: the login goes to %s unencrypted\n", place.host.c_str());
  }
  if (!login.user.empty()) {
    auto password =
        o.password_file.empty() ? ask_known_password() : read_password_file(o.password_file);
    if (!password) return bad_usage(password.error().detail);
    login.password = std::move(*password);
  }
  top_session session(place, std::move(login));
  int code = exit_failed;
  try {
    code = watch(o, session);
  } catch (const access_refused& e) {
    std::fprintf(stderr, "stoa: %s\n", e.what());
  }
  session.log_out();
  return code;
}

}  // namespace stoa::cli
