#pragma once
// A progress bar on standard error, if that is a terminal.

#include <chrono>
#include <cstdint>
#include <string>

namespace stoa::cli {

/// "12.3 MB".
std::string megabytes(std::uint64_t bytes);

class progress_bar {
 public:
  enum class unit { bytes, products };
  /// `total` 0: unknown; only the count is shown.
  progress_bar(std::string label, std::uint64_t total, unit what);
  /// Erases the bar.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Draws at most ten times per second.
  void update(std::uint64_t done);
  /// Erases the bar so that other lines can be written; the next update draws it again.
  void clear();
  double seconds() const;

 private:
  void draw(std::uint64_t done);

  std::string label_;
  std::uint64_t total_;
  unit unit_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_draw_ = started_;
};

}  // namespace stoa::cli
