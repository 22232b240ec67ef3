// `stoa serve`: everything in one process, until a signal says stop.

#include "config/log.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/https.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_folder.hpp"
#include "net/front/front.hpp"
#include "net/http/server.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace stoa::cli {

namespace {

constexpr int exit_forced = 130;
constexpr milliseconds signal_poll{200};

/// Blocks the signals in this thread and all started after it, so that only wait() sees them.
sigset_t block_signals(bool has_https) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  // Without a certificate to read again, the end of the terminal ends the program as ever.
  if (has_https) sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A file size limit is an error to be reported.
  return set;
}

http::forwarded_field forwarded_field_of(const std::string& name) {
  if (name == "Forwarded") return http::forwarded_field::forwarded;
  return name == "none" ? http::forwarded_field::none : http::forwarded_field::x_forwarded_for;
}

http::server_config edge_config(const settings& s) {
  http::server_config c;
  auto colon = s.http.listen.rfind(':');
  c.address = s.http.listen.substr(0, colon);
  if (c.address.starts_with('[')) c.address = c.address.substr(1, c.address.size() - 2);
  c.port = static_cast<std::uint16_t>(std::stoi(s.http.listen.substr(colon + 1)));
  auto cores = std::max(1U, std::thread::hardware_concurrency());
  c.io_threads = s.http.threads > 0 ? static_cast<std::size_t>(s.http.threads) : cores;
  c.header_bytes_max = static_cast<std::size_t>(s.http.header_bytes_max);
  c.body_bytes_max = static_cast<std::size_t>(s.http.body_bytes_max);
  c.connections_max = static_cast<std::size_t>(s.http.connections_max);
  c.timeouts.header = milliseconds{s.http.header_timeout_ms};
  c.timeouts.body = milliseconds{s.http.body_timeout_ms};
  c.timeouts.idle = milliseconds{s.http.idle_timeout_ms};
  c.timeouts.write = milliseconds{s.http.write_timeout_ms};
  // The last to give up: every request's own deadline, with the longest wait of a checkout, is
  // shorter.
  c.timeouts.handler =
      milliseconds{s.http.request_timeout_ms + s.order.checkout_wait_ms_max + 5000};
  c.cors_origins = s.http.cors_origins;
  c.tls = {s.http.tls_certificate, s.http.tls_key};
  c.addresses.trusted_proxies = parse_networks(s.http.trusted_proxies);
  c.addresses.field = forwarded_field_of(s.http.forwarded_field);
  c.addresses.exempt = parse_networks(s.limits.exempt_addresses);
  c.on_refusal = [](const http::refusal& r) {
    log::info_limited("request refused at the edge", {{"request_id", r.request_id},
                                                      {"remote_address", r.remote_address},
                                                      {"code", r.reason.code},
                                                      {"detail", r.reason.detail}});
  };
  return c;
}

/// A second signal while the first is being obeyed ends the process at once.
void force_on_second_signal(const sigset_t& set, std::atomic<bool>& stopped) {
  while (!stopped) {
    timespec wait{0, std::chrono::nanoseconds(signal_poll).count()};
    int signal = sigtimedwait(&set, nullptr, &wait);
    if (signal != SIGTERM && signal != SIGINT) continue;
    log::fatal("second signal: stopping at once");
    _exit(exit_forced);
  }
}

int wait_for_stop(const sigset_t& set, const std::atomic<bool>& failed, http::server& edge) {
  int signal = 0;
  do {
    sigwait(&set, &signal);
    if (signal == SIGHUP) reload_certificate(edge);
  } while (signal == SIGHUP || (signal == SIGUSR1 && !failed));
  return signal;
}

}  // namespace

int run_serve(const settings& s) {
  const bool has_https = !s.http.tls_certificate.empty();
  if (has_https && !has_good_certificate({s.http.tls_certificate, s.http.tls_key}))
    return exit_failed;
  auto signals = block_signals(has_https);
  store_folder folder(s);
  std::atomic<bool> failed = false;
  auto main_thread = pthread_self();
  store shop(s, [&failed, main_thread](const std::string& reason) {
    log::error("giving up", {{"reason", reason}});
    failed = true;
    pthread_kill(main_thread, SIGUSR1);
  });
  shop.start();
  folder.complete();
  front::front_context context;
  context.node = &shop.node();
  context.config = &s;
  context.keys = &shop.keys();
  context.secret = &shop.secret();
  context.passwords = &shop.passwords();
  context.shared = shop.limits();
  context.registry = &shop.registry();
  context.operation_only = !runs_here(s, "front");
  auto config = edge_config(s);
  front::front_end front(context, config.io_threads);
  http::server edge(config);
  auto port = edge.start(front.handler());
  if (!port) {
    log::error("cannot listen", {{"address", s.http.listen}, {"error", port.error().detail}});
    shop.stop(milliseconds{s.shutdown.drain_ms});
    return exit_failed;
  }
  if (has_https) log_certificate(edge);
  const std::string scheme = has_https ? "https://" : "http://";
  log::info("listening", {{"url", scheme + config.address + ":" + std::to_string(*port)},
                          {"data", s.data.dir},
                          {"version", STOA_VERSION}});
  wait_for_stop(signals, failed, edge);

  log::info("draining", {{"limit_ms", s.shutdown.drain_ms}});
  std::atomic<bool> stopped = false;
  std::thread second([&] { force_on_second_signal(signals, stopped); });
  // The order: other nodes take the lanes over; no new connections; what is in flight ends; the
  // edge closes; the services finish.
  shop.node().leave(milliseconds{s.shutdown.drain_ms});
  bool clean = edge.drain(milliseconds{s.shutdown.drain_ms});
  edge.stop();
  shop.stop(milliseconds{s.shutdown.drain_ms});
  stopped = true;
  second.join();
  log::info("stopped", {{"all_answered", clean}});
  return failed ? exit_failed : exit_done;
}

}  // namespace stoa::cli
