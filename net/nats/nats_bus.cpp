#include "net/nats/nats_bus.hpp"

#include "config/settings.hpp"
#include "net/nats/event_types.hpp"
#include "net/nats/names.hpp"
#include "net/nats/session.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <thread>

namespace stoa::nats {

namespace {

/// Interval at which the keeper checks the pull requests.
constexpr microseconds tick_interval = milliseconds{100};
/// Minimum time between checks of stream and consumers, even on request.
constexpr microseconds check_pause = milliseconds{250};
/// A connection that lasted shorter counts as a failed attempt.
constexpr microseconds short_life = seconds{1};

using steady = std::chrono::steady_clock;

class nats_bus final : public kernel::event_bus {
 public:
  explicit nats_bus(nats_options o) : core_(std::make_shared<bus_core>(std::move(o))) {}
  ~nats_bus() override { nats_bus::stop(); }

  void start(subscriptions wanted, on_event deliver, on_verdict verdict, on_back back) override;
  void publish(const kernel::published& what) override {
    if (!core_->queue.add(what)) core_->metrics.count(bus_count::dropped);
  }
  void tell(const kernel::bus_verdict& v) override { core_->queue.add(v); }
  bool connected() const override { return core_->ready; }
  microseconds duplicate_window() const override { return core_->options.duplicate_window; }
  void stop() override;

 private:
  void keep();
  std::unique_ptr<session> connect(log_limiter& limiter);
  void run_session(session& s);
  void set_ready(bool yes);
  microseconds pause_after(int failures);

  const core_ptr core_;
  std::thread keeper_;
  std::atomic<bool> stopping_ = false;
  std::size_t next_url_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

void nats_bus::start(subscriptions wanted, on_event deliver, on_verdict verdict, on_back back) {
  for (const auto& [service, types] : wanted) {
    for (const auto& type : types) {
      if (!core_->options.producers.contains(type)) {
        throw std::invalid_argument("no service publishes events of type " + type);
      }
      core_->unsettled[consumer_name(service, type)] =
          std::make_shared<std::atomic<std::int64_t>>();
    }
  }
  core_->wanted = std::move(wanted);
  core_->deliver = std::move(deliver);
  core_->verdict = std::move(verdict);
  core_->back = std::move(back);
  next_url_ = random_();  // Spreads the nodes over the servers.
  keeper_ = std::thread([this] { keep(); });
}

void nats_bus::stop() {
  stopping_ = true;
  core_->poke();
  if (keeper_.joinable()) keeper_.join();
  core_->stop_calling();
}

void nats_bus::set_ready(bool yes) {
  if (core_->ready.exchange(yes) == yes) return;
  core_->metrics.ready(yes);
  if (yes) core_->call(core_->back);
}

microseconds nats_bus::pause_after(int failures) {
  const auto& o = core_->options;
  const microseconds doubled = o.retry_min * (std::int64_t{1} << std::min(failures, 20));
  const auto most = std::min(o.retry_max, doubled).count();
  // Jitter, so that nodes do not reconnect at the same time.
  std::uniform_int_distribution<std::int64_t> between(most / 2, most);
  return microseconds{between(random_)};
}

std::unique_ptr<session> nats_bus::connect(log_limiter& limiter) {
  const auto& urls = core_->options.urls;
  const auto& url = urls[next_url_++ % urls.size()];
  std::string error;
  auto made = session::connect(core_, url, error);
  core_->metrics.count(made ? bus_count::connected : bus_count::connection_failed);
  std::int64_t left_out = 0;
  if (!made && limiter.now(left_out)) {
    log::warn("event bus: cannot connect to the broker",
              {{"url", url}, {"error", error}, {"suppressed", left_out}});
  }
  if (made) log::info("event bus: connected to the broker", {{"url", url}});
  return made;
}

void nats_bus::keep() {
  log_limiter limiter;
  int failures = 0;
  while (!stopping_) {
    const auto since = steady::now();
    if (auto s = connect(limiter)) {
      run_session(*s);
      set_ready(false);
      if (!stopping_) log::warn("event bus: lost the connection to the broker");
    }
    failures = steady::now() - since > short_life ? 0 : failures + 1;
    const auto until = steady::now() + pause_after(failures);
    while (!stopping_ && steady::now() < until) core_->await_poke(milliseconds{20});
  }
}

void nats_bus::run_session(session& s) {
  auto next_check = steady::now();
  auto earliest_check = next_check;
  bool check_requested = true;
  while (!stopping_ && s.alive()) {
    const auto now = steady::now();
    if (now >= next_check || (check_requested && now >= earliest_check)) {
      const bool good = s.ensure() && (s.begun() || s.begin());
      set_ready(good);
      check_requested = !good;
      earliest_check = steady::now() + check_pause;
      next_check = steady::now() + core_->options.check_interval;
    }
    s.tick();
    check_requested = core_->await_poke(tick_interval) || check_requested;
  }
  if (stopping_ && s.begun()) s.drain(core_->options.drain_max);
}

}  // namespace

result<nats_options> nats_options_of(const settings& s, std::string_view server_secret) {
  nats_options o;
  o.urls = s.nats.urls;
  o.credentials_file = s.nats.credentials_file;
  o.stream = s.nats.stream;
  o.replicas = s.nats.replicas;
  o.max_age = seconds{s.nats.max_age_s};
  o.client_name = s.cluster.name + "/" + s.node.name;
  o.cluster = s.cluster.name;
  if (s.nats.signing_key_file.empty()) {
    o.signing = std::make_shared<signing_ring>(signing_keys{derived_signing_key(server_secret)});
  } else {
    auto keys = read_signing_keys(s.nats.signing_key_file);
    if (!keys) return keys.error();
    o.signing = std::make_shared<signing_ring>(std::move(*keys));
  }
  for (const auto& e : event_types()) o.producers.emplace(e.type, e.source);
  return o;
}

std::unique_ptr<kernel::event_bus> make_nats_bus(nats_options options) {
  if (!options.signing) throw std::invalid_argument("no key to sign events with");
  if (options.urls.empty()) throw std::invalid_argument("no NATS server configured");
  return std::make_unique<nats_bus>(std::move(options));
}

}  // namespace stoa::nats
