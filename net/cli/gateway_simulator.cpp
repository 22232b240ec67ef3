#include "net/cli/gateway_simulator.hpp"

#include "config/log.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/edges.hpp"
#include "net/cli/have.hpp"
#include "net/gateway_simulator/simulator.hpp"
#include "net/token/secret_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>

namespace stoa::cli {

namespace {

constexpr const char* ledger_file_name = "gateway-simulator.db";
constexpr const char* simulator_default = "default of gateway-simulator";

constexpr std::array<std::pair<std::string_view, simulator::fault>, 6> fault_kinds{{
    {"slow", simulator::fault::slow},
    {"500", simulator::fault::error_500_before},
    {"500_after_charging", simulator::fault::error_500},
    {"reset", simulator::fault::reset},
    {"truncated", simulator::fault::truncated},
    {"unreadable", simulator::fault::unreadable},
}};

std::optional<simulator::planned_fault> fault_of(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto* kind = std::ranges::find(fault_kinds, text.substr(0, colon),
                                       &std::pair<std::string_view, simulator::fault>::first);
  if (kind == fault_kinds.end()) return std::nullopt;
  simulator::planned_fault made{kind->second, 1};
  if (colon == text.size()) return made;
  const auto number = text.substr(colon + 1);
  const auto* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, made.probability);
  const bool valid =
      error == std::errc{} && stop == end && made.probability > 0 && made.probability <= 1;
  return valid ? std::optional(made) : std::nullopt;
}

}  // namespace

std::string check_fault(const std::string& text) {
  if (fault_of(text)) return {};
  return text +
         " is not slow, 500, 500_after_charging, reset, truncated or unreadable, optionally with a "
         "probability such as reset:0.1";
}

std::vector<config::given_flag> gateway_simulator_values() {
  return {{simulator_default, "http.listen", "127.0.0.1:9100"},
          {simulator_default, "data.dir", "./gateway-simulator-data"}};
}

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
  options.ledger_file = std::filesystem::path(s.data.dir) / ledger_file_name;
  options.webhook_url = o.webhook_url;
  options.paypal_webhook_url = o.paypal_webhook_url;
  options.paypal_webhook_id = o.paypal_webhook_id;
  options.disorder = o.webhook_disorder;
  options.seed = o.seed;
  for (const auto& text : o.faults) {
    if (const auto fault = fault_of(text)) options.faults.push_back(*fault);
  }
  if (!o.webhook_secret_file.empty()) {
    options.webhook_secret =
        have(token::read_secret_lines(o.webhook_secret_file), "--webhook-secret-file").front();
  }
  const data_lock lock(s.data.dir);
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
