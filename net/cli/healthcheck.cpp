// `stoa healthcheck`: checks the server on this machine. Container images use it as health check,
// so that they need no HTTP client.

#include "net/cli/commands.hpp"
#include "net/cli/edges.hpp"
#include "net/cli/http_call.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/subcommands.hpp"

#include <cstdio>
#include <stdexcept>

namespace stoa::cli {

namespace {

/// The local address for a listen address: a wildcard address becomes loopback.
server_address reachable(const std::string& listen) {
  const auto at = parse_listen_address(listen);
  server_address p{at.host, std::to_string(at.port)};
  if (p.host == "0.0.0.0") p.host = "127.0.0.1";
  if (p.host == "::") p.host = "::1";
  return p;
}

}  // namespace

int run_healthcheck(const settings& s, const healthcheck_options& o) {
  try {
    // The admin listener responds even when the store's listener has no free connection.
    const bool has_admin = !s.http.admin_listen.empty();
    auto to = reachable(has_admin ? s.http.admin_listen : s.http.listen);
    if (to.port == "0") {
      throw std::runtime_error(std::string(has_admin ? "http.admin_listen" : "http.listen") +
                               " has port 0, so the port is unknown");
    }
    to.tls = !s.http.tls_certificate.empty();
    // The certificate names the public host, not loopback, and the check only needs a response from
    // the local process.
    to.check_certificate = false;
    const http_request question{.target = o.live ? "/livez" : "/readyz",
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
