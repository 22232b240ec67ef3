#pragma once
// Backups taken while customers buy, then restored, served and audited: each is a complete store.

#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace stoa::test {

/// A served store, and the settings of its copies.
struct backup_plan {
  std::filesystem::path data;  ///< of the store that is served
  environment settings;        ///< of the store, for `stoa backup`
  stock_map initial;           ///< before the first order
  std::filesystem::path work;  ///< an empty folder, for backups and restored stores
  /// Settings of the restored store number `i` in that folder.
  std::function<environment(int i, const std::filesystem::path& data)> restored;
  std::filesystem::path program{};           ///< that makes the backups; empty: stoa_binary()
  std::chrono::milliseconds settle{30'000};  ///< for the restored store's open work
};

struct backup_outcome {
  std::vector<std::string> violations;
  std::int64_t orders = 0;  ///< in the backup
  std::int64_t open = 0;    ///< events and orders in progress in it when restored
  double held_ms = 0;       ///< how long writers were held
};

/// Takes a backup of the store while it is served, restores it, serves that until its open work is
/// done, and returns the violations. The number of its orders must be between the numbers before
/// and after the backup. Throws std::runtime_error when a program fails.
backup_outcome back_up_and_audit(const backup_plan& plan, int number);

/// STOA_TEST_BACKUPS, or the default.
int backups_wanted(int otherwise);

}  // namespace stoa::test
