#pragma once
// A file of lines, written by a dedicated thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::log {

/// Callers never block: when `queue_max` lines are queued, the oldest is dropped. Thread-safe.
class line_file {
 public:
  /// Opens the file for appending and creates it with mode 0600 if it does not exist; "-" is
  /// standard output. Throws std::system_error if it cannot be opened.
  explicit line_file(const std::string& path, std::size_t queue_max = 8192);
  /// Writes the queued lines.
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// `line` without its line end.
  void write(std::string_view line);
  /// Reopens the file by its name before the next line, for log rotation.
  void reopen();
  /// Lines that were dropped or could not be written.
  std::uint64_t lost() const;

 private:
  struct running;
  std::unique_ptr<running> running_;
};

}  // namespace stoa::log
