#include "net/cli/gateway_simulator.hpp"

#include "config/log.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/edges.hpp"
#include "net/cli/have.hpp"
#include "net/gateway_simulator/simulator.hpp"
#include "net/token/secret_lines.hpp"

#include <csignal>
#include <filesystem>

namespace stoa::cli {

namespace {

constexpr const char* ledger_name = "gateway-simulator.db";

}  // namespace

int run_gateway_simulator(const settings& s, const gateway_simulator_options& o) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // also in the threads started below
  std::signal(SIGPIPE, SIG_IGN);
  const auto listen = parse_listen_address(s.http.listen);
  simulator::simulator_options options;
  options.address = listen.host;
  options.port = listen.port;
  options.ledger_file = std::filesystem::path(s.data.dir) / ledger_name;
  options.webhook_url = o.webhook_url;
  options.paypal_webhook_url = o.paypal_webhook_url;
  options.paypal_webhook_id = o.paypal_webhook_id;
  options.disorder = o.webhook_disorder;
  if (!o.webhook_secret_file.empty()) {
    options.webhook_secret =
        have(token::read_secret_lines(o.webhook_secret_file), "--webhook-secret-file").front();
  }
  simulator::gateway_simulator server(std::move(options));
  const auto port = server.start();
  if (!port) {
    log::error("cannot listen", {{"address", s.http.listen}, {"error", port.error().detail}});
    return exit_failed;
  }
  log::info("gateway simulator listening",
            {{"address", listen.host}, {"port", std::int64_t{*port}}});
  int signal = 0;
  sigwait(&stop, &signal);
  return exit_done;
}

}  // namespace stoa::cli
