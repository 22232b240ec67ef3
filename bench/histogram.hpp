#pragma once
// Counts of durations with a bounded relative error, as HdrHistogram
// (https://hdrhistogram.github.io/HdrHistogram/), whose text and encoding it writes.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::bench {

/// Durations of 1 us to an hour with three significant digits; longer ones count as an hour.
/// Histograms of several threads or machines are added without loss.
class histogram {
 public:
  void add(std::chrono::nanoseconds duration, std::uint64_t times = 1) {
    add_us(duration.count() / 1000, static_cast<std::int64_t>(times));
  }
  void add_us(std::int64_t us, std::int64_t times);
  void add(const histogram& other);

  std::int64_t count() const { return total_; }
  /// The duration in milliseconds that the part (0..1) of all does not exceed; 0 without any.
  double percentile_ms(double part) const;
  double max_ms() const { return percentile_ms(1); }
  double mean_ms() const;

  /// The percentile distribution in milliseconds, in HdrHistogram's text format.
  std::string text() const;
  /// The compressed V2 encoding of HdrHistogram, in microseconds, as base64.
  std::string encoded() const;
  /// Empty when the text is not an encoding of such a histogram.
  static std::optional<histogram> decode(std::string_view encoded);

  bool operator==(const histogram&) const = default;

 private:
  std::size_t last_used() const;
  double deviation_ms() const;

  std::vector<std::int64_t> counts_{};  ///< grows to the highest index in use
  std::int64_t total_ = 0;
};

}  // namespace stoa::bench
