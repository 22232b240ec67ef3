#pragma once
// Measures one node against references on the same machine, in one run, and prints each figure
// with its floor and its goal.

#include "bench/figures.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stoa::bench {

struct limits_options {
  std::filesystem::path program;  ///< stoa
  int seconds = 4;                ///< of each measurement
  bool json = false;
};

/// A figure with the value that must be reached, and the one that is aimed at.
struct limit {
  std::string what;
  std::optional<double> value;  ///< empty: not measured, and `note` says why
  std::string unit;             ///< "" for a ratio
  double floor = 0;
  double goal = 0;
  enum { at_least, at_most } kind = at_least;
  std::string note{};

  /// "goal", "floor", "MISSED" or "-".
  std::string verdict() const;
};

/// Purchases per second of a loop that writes as many rows of the same size as purchases, in
/// transactions of the same size, into SQLite databases: a thread per database, no HTTP, no actors.
double bare_loop_per_second(const std::filesystem::path& folder, int seconds);

/// 10,000 customers who each want one of 100 units, at once.
struct flash_sale {
  std::uint64_t answers = 0;
  double seconds = 0;
  std::int64_t sold = 0;
  bool is_exact = false;  ///< 100 units were sold, and the store is consistent
  double per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
};
flash_sale run_flash_sale(const std::filesystem::path& program);

/// Reads against nginx with the same bytes, and searches against FTS5.
std::vector<limit> read_limits(const limits_options& options);

/// Measures all, and prints them. Returns the exit code: 1 if a store is inconsistent; a missed
/// floor is reported only.
int run_limits(const limits_options& options);

}  // namespace stoa::bench
