#pragma once
// One IO worker: its io_context, its connections and their deadlines. Internal to net/http.

#include "net/http/address_table.hpp"
#include "net/http/server.hpp"

// GCC 12 warns about Asio's default-constructed executors, which are not used here.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stoa::http {

namespace asio = boost::asio;

class connection;
class tls_certificate;

/// Maximum rejected clients that are being sent a response; further ones are closed without one.
inline constexpr std::size_t refused_at_once_max = 128;

/// Counters of one IO worker; written by its thread, read by any.
struct io_worker_counters {
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> requests_in_flight{0};
  std::array<std::atomic<std::uint64_t>, refusal_reasons.size()> refused_by_reason{};
  std::atomic<std::uint64_t> handler_timeouts{0};
  std::atomic<std::uint64_t> tls_handshakes_failed{0};
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};

  void count_refusal(std::string_view code) { add(refused_by_reason[refusal_reason(code)], 1); }

  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.fetch_add(by, std::memory_order_relaxed);
  }
};

/// The certificate for new connections; none without HTTPS. Changed and read by any thread.
class current_certificate {
 public:
  std::shared_ptr<const tls_certificate> get() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  void set(std::shared_ptr<const tls_certificate> next) {
    const std::lock_guard lock(mutex_);
    held_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const tls_certificate> held_;
};

/// State shared by all IO workers of a server; constant after start except for the atomics, the
/// table of clients and the certificate.
struct server_state {
  explicit server_state(server_config c)
      : config(std::move(c)),
        clients(config.connections_per_address_max),
        bodies(std::make_shared<byte_budget>(config.unfinished_bodies_bytes_max)) {}

  const server_config config;
  handler on_request;
  std::size_t connections_limit = 0;
  address_table clients;
  std::shared_ptr<byte_budget> bodies;
  std::atomic<std::size_t> connections_open{0};
  std::atomic<std::size_t> connections_refusing{0};  ///< of those open: being rejected
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> connections_refused_by_address{0};
  std::atomic<std::uint64_t> connections_closed_idle{0};
  std::atomic<std::uint64_t> bodies_refused{0};
  std::atomic<std::uint64_t> allocation_failures{0};
  std::atomic<std::uint64_t> accept_errors{0};
  std::atomic<bool> draining{false};
  current_certificate certificate;

  /// Connections that count towards connections_max.
  std::size_t connections_served() const {
    const auto open = connections_open.load(std::memory_order_relaxed);
    return open - std::min(open, connections_refusing.load(std::memory_order_relaxed));
  }
  /// Number of connections above which idle ones are closed for new ones.
  std::size_t crowded_from() const { return connections_limit - connections_limit / 10; }
};

/// Owns its connections until they close. Kept alive by the server and by each connection, so that
/// a responder that outlives the server can still be called.
class io_worker : public std::enable_shared_from_this<io_worker> {
 public:
  io_worker(std::shared_ptr<server_state> state, std::size_t index);

  /// The thread's main function; returns after stop(). An uncaught exception, such as
  /// std::bad_alloc, is counted and ends the current operation, not the thread.
  void run();
  /// Any thread: accepts no more work from other threads; connections close, run() returns.
  void stop();
  /// Any thread: closes idle connections, and the others after their current request.
  void drain();

  /// Calls f on the IO worker's thread: at once when that is the current one, else soon. Dropped
  /// after stop().
  template <class F>
  void call(F&& f) {
    if (io_.get_executor().running_in_this_thread()) {
      f();
      return;
    }
    const std::lock_guard lock(mutex_);
    if (!stopped_) asio::post(io_, std::forward<F>(f));
  }
  /// Before run(): the function to call at each tick of the IO worker's clock.
  void set_each_tick(std::function<void()> f) { each_tick_ = std::move(f); }

  asio::io_context& io() { return io_; }
  server_state& state() const { return *state_; }
  const server_config& config() const { return state_->config; }
  io_worker_counters& counters() { return counters_; }
  std::size_t index() const { return index_; }
  /// The value of the Date field, updated once a second.
  std::string_view date();

  // On the IO worker's thread only.
  void add(std::shared_ptr<connection> c);
  void remove(connection& c);
  /// When nearly all connections are in use, closes some of the IO worker's longest idle ones, or
  /// else those slowest in sending their request. False when there is still no room.
  bool make_room();
  /// Calls on_refusal, at most ten times a second: any client can cause rejections at any rate, and
  /// the log must not be flooded.
  void report(refusal r);

 private:
  void start_tick();
  void tick();
  void close_all();
  void close_idle(std::size_t count);

  std::shared_ptr<server_state> state_;
  std::size_t index_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer tick_;
  bool ticking_ = false;
  std::chrono::milliseconds tick_every_;
  std::function<void()> each_tick_;
  std::vector<std::shared_ptr<connection>> connections_;
  std::chrono::steady_clock::time_point next_scan_{};  ///< for the next scan for idle connections
  io_worker_counters counters_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::int64_t report_second_ = -1;
  int reported_ = 0;              ///< rejections reported within that second
  std::uint64_t suppressed_ = 0;  ///< rejections since the last reported one

  std::mutex mutex_;
  bool stopped_ = false;
};

}  // namespace stoa::http
