// `stoa healthcheck`: asks the process that serves on this machine how it is, as a container's
// health check does; so an image needs no HTTP client of its own.

#include "net/cli/commands.hpp"
#include "net/cli/edges.hpp"
#include "net/cli/http_call.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/subcommands.hpp"

#include <cstdio>
#include <stdexcept>

namespace stoa::cli {

namespace {

/// Where a listen address is reached from this machine: an address that stands for all is the
/// loopback.
http_place reachable(const std::string& listen) {
  const auto at = parse_listen_address(listen);
  http_place p{at.host, std::to_string(at.port)};
  if (p.host == "0.0.0.0") p.host = "127.0.0.1";
  if (p.host == "::") p.host = "::1";
  return p;
}

}  // namespace

int run_healthcheck(const settings& s, const healthcheck_options& o) {
  try {
    // The operators' listener answers when the store's has no connection left.
    const bool has_admin = !s.http.admin_listen.empty();
    auto to = reachable(has_admin ? s.http.admin_listen : s.http.listen);
    if (to.port == "0") {
      throw std::runtime_error(std::string(has_admin ? "http.admin_listen" : "http.listen") +
                               " has port 0, which tells no port");
    }
    to.tls = !s.http.tls_certificate.empty();
    // It names the store's host and not this machine's loopback, and the question is only whether
    // the own process answers.
    to.check_certificate = false;
    const http_question question{.target = o.live ? "/livez" : "/readyz",
                                 .headers = {{"User-Agent", "stoa-healthcheck"}}};
    const auto answer = http_call(to, question, std::chrono::milliseconds(o.timeout_ms));
    if (answer.status == 200) return exit_done;
    throw std::runtime_error(printable(answer.status_line + " " + answer.body));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stoa: not healthy: %s\n", e.what());
    return exit_failed;
  }
}

}  // namespace stoa::cli
