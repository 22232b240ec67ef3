// `stoa serve`: runs all services in one process until a signal stops it.

#include "config/log.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/edges.hpp"
#include "net/cli/https.hpp"
#include "net/cli/key_watch.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_folder.hpp"
#include "net/front/access_log.hpp"
#include "net/front/front.hpp"
#include "net/outbound/name_resolver.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace stoa::cli {

namespace {

constexpr int exit_forced = 130;
constexpr milliseconds signal_poll{200};
/// Time to end after shutdown.drain_ms. Every acknowledged change is durable by then: a process
/// that cannot end, such as one that waits for a database, exits without waiting for it.
constexpr milliseconds end_reserve{8000};
/// Minimum time for a step of the shutdown, if earlier ones have used up shutdown.drain_ms.
constexpr milliseconds step_min{1000};

/// Whether the process has a controlling terminal, whose hangup ends it.
bool has_terminal() {
  const int fd = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

/// True when the process should end with its terminal, that is, it was not started with nohup.
bool follows_terminal() {
  struct sigaction hangup {};
  const bool is_ignored = sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
  return !is_ignored && has_terminal();
}

/// Blocks the signals in this thread and all later threads; only wait() receives them.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // Exceeding a file size limit becomes an I/O error.
  return set;
}

/// A second signal during shutdown ends the process immediately, and so does the deadline.
void force_end(const sigset_t& set, const std::atomic<bool>& stopped,
               std::chrono::steady_clock::time_point deadline) {
  while (!stopped) {
    timespec wait{0, std::chrono::nanoseconds(signal_poll).count()};
    const int signal = sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGTERM || signal == SIGINT) {
      log::fatal("second signal received; exiting immediately");
      _exit(exit_forced);
    }
    if (std::chrono::steady_clock::now() >= deadline && !stopped) {
      log::fatal("not stopped in time; exiting", {{"reserve_ms", end_reserve.count()}});
      _exit(exit_forced);
    }
  }
}

/// Whether all services of this node have access to their databases.
bool is_ready(const kernel::node& node) {
  return std::ranges::all_of(node.health(), [](const auto& h) { return h.ready || !h.here; });
}

/// Opens log.access_file, if set. False when it cannot be opened.
bool open_access_log(const settings& s, std::unique_ptr<front::access_log>& log) {
  if (s.log.access_file.empty()) return true;
  try {
    log = std::make_unique<front::access_log>(s.log.access_file);
    return true;
  } catch (const std::system_error& e) {
    log::error("cannot open the access log",
               {{"path", s.log.access_file}, {"error", e.code().message()}});
    return false;
  }
}

/// SIGHUP reloads files. A closed terminal sends it too; only then it stops the process.
void wait_for_stop(const sigset_t& set, const std::atomic<bool>& failed,
                   const std::function<void()>& reload) {
  const bool ends_with_terminal = follows_terminal();
  for (;;) {
    int signal = 0;
    sigwait(&set, &signal);
    if (signal == SIGUSR1 && !failed) continue;
    if (signal != SIGHUP) return;
    if (ends_with_terminal && !has_terminal()) {
      log::info("terminal closed; stopping");
      return;
    }
    reload();
  }
}

/// Order: /readyz fails; other nodes take over the partitions; the listeners close; requests in
/// flight finish; the servers stop; the services stop.
void shut_down(const settings& s, const sigset_t& signals, front::front_end& front, edges& servers,
               store& shop) {
  const milliseconds drain{s.shutdown.drain_ms};
  const auto until = std::chrono::steady_clock::now() + drain;
  const auto left = [until] {
    return std::max(std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()),
                    step_min);
  };
  log::info("draining", {{"limit_ms", s.shutdown.drain_ms}});
  std::atomic<bool> stopped = false;
  std::thread watch([&] { force_end(signals, stopped, until + end_reserve); });
  front.drain();
  shop.node().leave(left());
  const bool clean = servers.drain(left());
  servers.stop();
  shop.stop(left());
  stopped = true;
  watch.join();
  log::info("stopped", {{"all_answered", clean}});
}

}  // namespace

int run_serve(const settings& s) {
  const bool has_https = !s.http.tls_certificate.empty();
  if (has_https && !has_good_certificate({s.http.tls_certificate, s.http.tls_key}))
    return exit_failed;
  auto signals = block_signals();
  std::unique_ptr<front::access_log> access;
  if (!open_access_log(s, access)) return exit_failed;
  store_folder folder(s);
  std::atomic<bool> failed = false;
  auto main_thread = pthread_self();
  store shop(s, [&failed, main_thread](const std::string& reason) {
    log::error("fatal error; stopping", {{"reason", reason}});
    failed = true;
    pthread_kill(main_thread, SIGUSR1);
  });
  shop.start();
  if (is_ready(shop.node())) folder.complete();
  key_watch keys(s, shop);
  front::front_context context;
  context.node = &shop.node();
  context.config = &s;
  context.keys = &shop.keys();
  context.secret = &shop.secret();
  context.instruments = &shop.instruments();
  context.webhooks = shop.webhooks();
  context.reports = shop.messages().reports();
  context.push_key = shop.messages().push_key();
  context.gateways = shop.callable_gateways();
  context.webhook_secrets = &shop.webhook_secrets();
  context.gift_cards = &shop.gift_cards();
  outbound::name_resolver resolver;
  context.resolver = &resolver;
  context.taxes = shop.taxes();
  context.media = shop.media();
  context.passwords = &shop.passwords();
  context.shared = shop.limits();
  context.common_passwords = &shop.common_passwords();
  context.search = shop.search();
  context.registry = &shop.registry();
  context.access = access.get();
  context.operation_only = !runs_here(s, "front");
  front::front_end front(context, io_threads_of(s));
  edges servers(s, front, access.get());
  if (!servers.start()) {
    servers.stop();
    shop.stop(milliseconds{s.shutdown.drain_ms});
    return exit_failed;
  }
  wait_for_stop(signals, failed, [&] {
    log::info("SIGHUP received; reloading files");
    if (has_https) servers.reload_certificate();
    if (access) access->reopen();
    shop.reload();
    keys.check_now();
  });

  shut_down(s, signals, front, servers, shop);
  return failed ? exit_failed : exit_done;
}

}  // namespace stoa::cli
