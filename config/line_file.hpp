#pragma once
// Lines to a file, written by a thread of its own.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::log {

/// Callers never wait: when `queue_max` lines wait to be written, the oldest give way. Thread-safe.
class line_file {
 public:
  /// Opens the file, which is created with mode 0600, to write behind what is in it; "-" is
  /// standard output. Throws std::system_error when it cannot be opened.
  explicit line_file(const std::string& path, std::size_t queue_max = 8192);
  /// Writes what waits.
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// `line` without its end.
  void write(std::string_view line);
  /// From the next line on the file of that name, which may be another one now: for log rotation.
  void reopen();
  /// Lines that have given way, or could not be written.
  std::uint64_t lost() const;

 private:
  struct running;
  std::unique_ptr<running> running_;
};

}  // namespace stoa::log
