#include "config/block_signals.hpp"
#include "config/log_level.hpp"
#include "config/log_repeats.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <poll.h>
#include <shared_mutex>
#include <thread>
#include <unistd.h>
#include <utility>

namespace stoa::log {
namespace {

constexpr std::size_t buffer_bytes_max = 64 * 1024;
constexpr std::int64_t stop_timeout_ms = 2000;
constexpr std::int64_t check_ms_max = 1000;  // between checks for ended intervals

std::int64_t steady_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::int64_t now_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

void write_stderr(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      // Another process on the terminal may have made it non-blocking.
      pollfd wait{STDERR_FILENO, POLLOUT, 0};
      if (::poll(&wait, 1, 1000) > 0) continue;
      return;
    }
    if (written <= 0) return;  // there is no other output
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Buffers lines while more are queued, then writes them together. Runs only in the log's thread.
class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit line_sink(const options& o) : options_(o) {}

  void watch(std::weak_ptr<spdlog::details::thread_pool> pool) { pool_ = std::move(pool); }
  /// Lines passed to the output so far.
  std::uint64_t written() const { return written_.load(std::memory_order_acquire); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto pool = pool_.lock();
    if (pool) report_lost(pool->overrun_counter());
    buffer_.append(message.payload.data(), message.payload.size());
    buffer_ += '\n';
    ++buffered_;
    if (!pool || buffer_.size() >= buffer_bytes_max || pool->queue_size() == 0) flush_();
  }

  void flush_() override {
    if (buffer_.empty()) return;
    if (options_.output) {
      options_.output(buffer_);
    } else {
      write_stderr(buffer_);
    }
    buffer_.clear();
    written_.fetch_add(std::exchange(buffered_, 0), std::memory_order_release);
  }

  void report_lost(std::size_t lost) {
    if (lost == reported_) return;
    buffer_ += render(options_.form, options_.color, level::warn, now_us(), "log lines lost",
                      {{"lines", lost - reported_}, {"lines_total", lost}});
    buffer_ += '\n';
    reported_ = lost;
  }

  options options_;
  std::weak_ptr<spdlog::details::thread_pool> pool_;
  std::string buffer_;
  std::uint64_t buffered_ = 0;
  std::size_t reported_ = 0;
  std::atomic<std::uint64_t> written_{0};
};

repeat_filter::limits repeat_limits(const options& o) {
  return {.interval_us = o.repeat_interval_ms * 1000};
}

/// A running log. The order of members matters: the pool is destroyed before the sink and writes
/// the queued lines.
struct running {
  explicit running(const options& o)
      : how(o),
        repeats(repeat_limits(o)),
        sink(std::make_shared<line_sink>(o)),
        pool(std::make_shared<spdlog::details::thread_pool>(o.queue_max, 1, block_all_signals)),
        logger(std::make_shared<spdlog::async_logger>(
            "stoa", sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {
    sink->watch(pool);
    logger->set_level(spdlog::level::trace);
    if (how.repeat_interval_ms > 0) summaries = std::thread([this] { summarise(); });
  }
  ~running() { end_summaries(); }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  void post(level l, std::string_view message, std::span<const field> f) {
    const std::string line = render(how.form, how.color, l, now_us(), message, f);
    posted.fetch_add(1);
    logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  /// False if the line is a repeat, which was counted.
  bool admit(level l, std::string_view message, std::span<const field> f) {
    if (how.repeat_interval_ms <= 0) return true;
    const bool now = repeats.admit(l, message, f, steady_us());
    if (!watching) {
      const std::lock_guard lock(summary_guard);
      watching = true;
      wake.notify_one();
    }
    return now;
  }

  /// Writes the summaries of repeated lines, also if nothing else is logged. Sleeps while there is
  /// nothing to watch.
  void summarise() {
    block_all_signals();
    const auto interval = std::chrono::milliseconds(std::min(how.repeat_interval_ms, check_ms_max));
    std::unique_lock lock(summary_guard);
    while (!ending) {
      wake.wait(lock, [&] { return ending || watching; });
      wake.wait_for(lock, interval, [&] { return ending; });
      for (const auto& s : repeats.due(steady_us())) post(s.severity, s.message, s.fields());
      watching = false;  // A concurrent line waits for the lock and sets it again.
      if (repeats.watches()) watching = true;
    }
  }

  void post_counted() {
    for (const auto& s : repeats.drain()) post(s.severity, s.message, s.fields());
  }

  void end_summaries() {
    {
      const std::lock_guard lock(summary_guard);
      ending = true;
    }
    wake.notify_all();
    if (summaries.joinable()) summaries.join();
    post_counted();
  }

  /// Waits until all lines posted before the call are written or lost; false after the timeout.
  bool drain(std::int64_t timeout_ms) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    const std::uint64_t target = posted.load();
    while (sink->written() + pool->overrun_counter() < target) {
      if (std::chrono::steady_clock::now() >= until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  options how;
  repeat_filter repeats;
  std::atomic<bool> watching{false};  ///< there are kinds with open intervals
  std::mutex summary_guard;
  std::condition_variable wake;
  bool ending = false;
  std::thread summaries;
  std::atomic<std::uint64_t> posted{0};
  std::shared_ptr<line_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

std::atomic<level> least{level::warn};
/// Time on the steady clock when a temporary level ends; 0: the level is not temporary.
std::atomic<std::int64_t> reverts_at_us{0};

// Never destroyed: other static objects may log while the process ends.
std::shared_mutex& guard() {
  static auto* mutex = new std::shared_mutex;
  return *mutex;
}
std::shared_ptr<running>& current() {
  static auto* log = new std::shared_ptr<running>;
  return *log;
}
std::shared_ptr<running> held() {
  const std::shared_lock lock(guard());
  return current();
}

}  // namespace

options options_for(std::string_view level_name, std::string_view format_name) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  options o;
  o.least = level_named(level_name).value_or(level::info);
  const bool is_text = format_name == "text" || (format_name == "auto" && is_terminal);
  o.form = is_text ? format::text : format::json;
  // https://no-color.org
  const char* no_color = std::getenv("NO_COLOR");
  o.color = is_text && is_terminal && (no_color == nullptr || *no_color == '\0');
  return o;
}

void start(options o) {
  if (o.queue_max == 0) o.queue_max = 1;
  auto next = std::make_shared<running>(o);
  {
    const std::unique_lock lock(guard());
    current().swap(next);
  }
  reverts_at_us = 0;
  least.store(o.least, std::memory_order_relaxed);
}

void stop() {
  std::shared_ptr<running> last;
  {
    const std::unique_lock lock(guard());
    current().swap(last);
  }
  least.store(level::warn, std::memory_order_relaxed);
  if (last) last->end_summaries();
  // If the output is not read, the pool's destructor would block the end of the process.
  if (last && !last->drain(stop_timeout_ms)) new std::shared_ptr<running>(std::move(last));
}

void flush(std::int64_t timeout_ms) {
  if (const auto log = held()) {
    log->post_counted();
    log->drain(timeout_ms);
  }
}

void set_level(level l, std::int64_t duration_ms) {
  reverts_at_us = 0;
  least = l;
  if (duration_ms > 0) reverts_at_us = steady_us() + duration_ms * 1000;
}

/// Ends a temporary level; called at each event.
static void end_set_level() noexcept {
  auto until = reverts_at_us.load(std::memory_order_relaxed);
  if (until == 0 || steady_us() < until) return;
  if (!reverts_at_us.compare_exchange_strong(until, 0)) return;
  const auto log = held();
  least = log ? log->how.least : level::warn;
}

std::string_view level_name() noexcept {
  end_set_level();
  return name_of(least);
}

bool enabled(level l) noexcept {
  end_set_level();
  return l >= least.load(std::memory_order_relaxed) && l != level::off;
}

namespace {

void write_line(level l, std::string_view message, std::span<const field> f, bool collapses) {
  if (!enabled(l)) return;
  const auto log = held();
  if (!log) {
    write_stderr(render(format::text, false, l, now_us(), message, f) + "\n");
  } else if (!collapses || log->admit(l, message, f)) {
    log->post(l, message, f);
  }
}

}  // namespace

void write(level l, std::string_view message, fields f) {
  write_line(l, message, {f.begin(), f.size()}, l == level::warn || l == level::error);
}

void info_limited(std::string_view message, fields f) {
  write_line(level::info, message, {f.begin(), f.size()}, true);
}

void fatal(std::string_view message, fields f) {
  write(level::fatal, message, f);
  flush();
}

}  // namespace stoa::log
