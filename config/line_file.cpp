#include "config/line_file.hpp"

#include "config/block_signals.hpp"
#include "config/log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stoa::log {

namespace {

constexpr std::size_t line_buffer_bytes_max = 64 * 1024;
constexpr mode_t file_mode = 0600;

/// Returns -1 with errno on failure.
int open_file(const std::string& path) {
  if (path == "-") return ::dup(STDOUT_FILENO);
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, file_mode);
}

/// Runs in the file's thread, except for the atomic members.
class file_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  file_sink(std::string path, int file) : path_(std::move(path)), file_(file) {}
  ~file_sink() override {
    write_buffer();
    ::close(file_);
  }

  void watch(std::weak_ptr<spdlog::details::thread_pool> pool) { pool_ = std::move(pool); }
  void reopen() { reopen_ = true; }
  std::uint64_t failed() const { return failed_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (reopen_.exchange(false)) {
      write_buffer();
      const int next = open_file(path_);
      if (next < 0) {
        warn("log file cannot be reopened", {{"path", path_}, {"code", errno}});
      } else {
        ::close(std::exchange(file_, next));
      }
    }
    buffer_.append(message.payload.data(), message.payload.size());
    buffer_ += '\n';
    ++buffered_;
    const auto pool = pool_.lock();
    if (!pool || buffer_.size() >= line_buffer_bytes_max || pool->queue_size() == 0) write_buffer();
  }
  void flush_() override { write_buffer(); }

  void write_buffer() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const auto written = ::write(file_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        failed_ += buffered_;
        warn("log file cannot be written", {{"path", path_}, {"code", errno}});
        break;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
    buffered_ = 0;
  }

  const std::string path_;
  int file_;
  std::weak_ptr<spdlog::details::thread_pool> pool_;
  std::string buffer_;
  std::uint64_t buffered_ = 0;
  std::atomic<bool> reopen_{false};
  std::atomic<std::uint64_t> failed_{0};
};

int opened(const std::string& path) {
  const int file = open_file(path);
  if (file < 0) throw std::system_error(errno, std::generic_category(), path);
  return file;
}

}  // namespace

/// The order of members matters: the pool is destroyed before the sink and writes queued lines.
struct line_file::running {
  running(const std::string& path, std::size_t queue_max)
      : sink(std::make_shared<file_sink>(path, opened(path))),
        pool(std::make_shared<spdlog::details::thread_pool>(queue_max, 1, block_all_signals)),
        logger(std::make_shared<spdlog::async_logger>(
            path, sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {
    sink->watch(pool);
  }

  std::shared_ptr<file_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

line_file::line_file(const std::string& path, std::size_t queue_max)
    : running_(std::make_unique<running>(path, queue_max)) {}
line_file::~line_file() = default;

void line_file::write(std::string_view line) {
  running_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void line_file::reopen() {
  running_->sink->reopen();
}

std::uint64_t line_file::lost() const {
  return running_->pool->overrun_counter() + running_->sink->failed();
}

}  // namespace stoa::log
