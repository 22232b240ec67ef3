#include "net/http/server.hpp"

#include "net/http/connection.hpp"
#include "net/http/io_worker.hpp"
#include "net/http/listener.hpp"
#include "net/http/tls_certificate.hpp"

#include <algorithm>
#include <future>
#include <sys/resource.h>
#include <thread>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// File descriptors reserved for databases, logs and mail.
constexpr std::size_t files_reserved = 256;
constexpr std::chrono::seconds pressure_report_interval{1};

/// Raises the soft limit of open files to the hard limit; returns the resulting limit.
std::size_t raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit wanted = limit;
    wanted.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  }
  return limit.rlim_cur;
}

/// connections_max, or fewer if the limit of open files is lower.
std::size_t connections_possible(std::size_t wanted) {
  const std::size_t files = raise_open_files();
  const std::size_t kept = std::min(files / 2, files_reserved + refused_at_once_max);
  return std::max<std::size_t>(1, std::min(wanted, files - kept));
}

server_config with_threads(server_config config) {
  config.io_threads = std::max<std::size_t>(1, config.io_threads);
  return config;
}

}  // namespace

class server::impl {
 public:
  explicit impl(server_config config)
      : state_(std::make_shared<server_state>(with_threads(std::move(config)))) {}
  ~impl() { stop(); }

  result<std::uint16_t> start(handler on_request);
  void stop_accepting();
  bool drain(milliseconds limit);
  void stop();
  result<certificate_info> reload_tls();
  std::optional<certificate_info> certificate() const;
  server_counters counters() const;
  std::size_t connections_limit() const { return state_->connections_limit; }

 private:
  void report_pressure();

  std::shared_ptr<server_state> state_;
  std::vector<std::shared_ptr<io_worker>> io_workers_;
  std::vector<std::thread> threads_;
  std::optional<listener> listener_;  // on the first IO worker
  pressure reported_;                 // on the first IO worker; sums
  std::chrono::steady_clock::time_point reported_at_{};
};

result<std::uint16_t> server::impl::start(handler on_request) {
  if (!io_workers_.empty())
    return problem{500, "listen_failed", "The server was already started.", {}};
  const auto& tls = state_->config.tls;
  if (!tls.certificate.empty() || !tls.key.empty()) {
    if (const auto read = reload_tls(); !read) return read.error();
  }
  state_->on_request = std::move(on_request);
  state_->connections_limit = connections_possible(state_->config.connections_max);
  for (std::size_t i = 0; i < state_->config.io_threads; ++i) {
    io_workers_.push_back(std::make_shared<io_worker>(state_, i));
  }
  listener_.emplace(*state_, io_workers_);
  auto port = listener_->open();
  if (!port) {
    listener_.reset();
    io_workers_.clear();
    return port;
  }
  io_workers_.front()->set_each_tick([this] {
    listener_->revive();
    report_pressure();
  });
  for (auto& l : io_workers_) threads_.emplace_back([l] { l->run(); });
  return port;
}

void server::impl::stop_accepting() {
  if (threads_.empty()) return;
  std::promise<void> closed;
  io_workers_.front()->call([&] {
    listener_->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

bool server::impl::drain(milliseconds limit) {
  if (threads_.empty()) return true;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  state_->draining = true;
  stop_accepting();
  for (auto& l : io_workers_) l->drain();
  while (state_->connections_open.load() > 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

void server::impl::stop() {
  if (threads_.empty()) return;
  stop_accepting();
  for (auto& l : io_workers_) l->stop();
  for (auto& t : threads_) t.join();
  threads_.clear();
  listener_.reset();
  // A remaining responder keeps an IO worker alive; it need not keep the handler's state alive,
  // too.
  state_->on_request = nullptr;
}

/// Reports the limits that were reached since the last report.
void server::impl::report_pressure() {
  const auto now = std::chrono::steady_clock::now();
  if (!state_->config.on_pressure || now - reported_at_ < pressure_report_interval) return;
  reported_at_ = now;
  const pressure sums{.connections_refused = state_->connections_refused,
                      .connections_refused_by_address = state_->connections_refused_by_address,
                      .connections_closed_idle = state_->connections_closed_idle,
                      .bodies_refused = state_->bodies_refused,
                      .allocation_failures = state_->allocation_failures};
  if (sums == reported_) return;
  const auto before = std::exchange(reported_, sums);
  state_->config.on_pressure(
      {.connections_refused = sums.connections_refused - before.connections_refused,
       .connections_refused_by_address =
           sums.connections_refused_by_address - before.connections_refused_by_address,
       .connections_closed_idle = sums.connections_closed_idle - before.connections_closed_idle,
       .bodies_refused = sums.bodies_refused - before.bodies_refused,
       .allocation_failures = sums.allocation_failures - before.allocation_failures,
       .connections_open = state_->connections_open});
}

result<certificate_info> server::impl::reload_tls() {
  auto read = tls_certificate::read(state_->config.tls);
  if (!read) return read.error();
  const auto info = (*read)->info();
  state_->certificate.set(std::move(*read));
  return info;
}

std::optional<certificate_info> server::impl::certificate() const {
  const auto current = state_->certificate.get();
  if (!current) return std::nullopt;
  return current->info();
}

server_counters server::impl::counters() const {
  server_counters sum;
  sum.connections_open = state_->connections_open;
  sum.connections_total = state_->connections_total;
  sum.connections_refused = state_->connections_refused;
  sum.connections_refused_by_address = state_->connections_refused_by_address;
  sum.connections_closed_idle = state_->connections_closed_idle;
  sum.clients_connected = state_->clients.size();
  sum.bodies_refused = state_->bodies_refused;
  sum.body_bytes_held = state_->bodies->held();
  sum.allocation_failures = state_->allocation_failures;
  sum.accept_errors = state_->accept_errors;
  for (const auto& l : io_workers_) {
    const auto& c = l->counters();
    sum.requests_total += c.requests_total;
    sum.requests_in_flight += c.requests_in_flight;
    for (std::size_t i = 0; i < refusal_reasons.size(); ++i) {
      const std::uint64_t refused = c.refused_by_reason[i];
      sum.refused_by_reason[i] += refused;
      sum.requests_refused += refused;
    }
    sum.handler_timeouts += c.handler_timeouts;
    sum.tls_handshakes_failed += c.tls_handshakes_failed;
    sum.bytes_in += c.bytes_in;
    sum.bytes_out += c.bytes_out;
  }
  return sum;
}

std::size_t refusal_reason(std::string_view code) {
  const auto known = std::find(refusal_reasons.begin(), refusal_reasons.end() - 1, code);
  return static_cast<std::size_t>(known - refusal_reasons.begin());
}

server::server(server_config config) : impl_(std::make_unique<impl>(std::move(config))) {}
server::~server() = default;
result<std::uint16_t> server::start(handler on_request) {
  return impl_->start(std::move(on_request));
}
void server::stop_accepting() {
  impl_->stop_accepting();
}
bool server::drain(std::chrono::milliseconds limit) {
  return impl_->drain(limit);
}
void server::stop() {
  impl_->stop();
}
result<certificate_info> server::reload_tls() {
  return impl_->reload_tls();
}
std::optional<certificate_info> server::certificate() const {
  return impl_->certificate();
}
server_counters server::counters() const {
  return impl_->counters();
}
std::size_t server::connections_limit() const {
  return impl_->connections_limit();
}

}  // namespace stoa::http
