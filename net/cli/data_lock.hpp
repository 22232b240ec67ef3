#pragma once
// One process at a time works on a data directory.

#include <string>

namespace stoa::cli {

/// Holds the directory's lock until it is destroyed. The kernel releases it when the process dies.
class data_lock {
 public:
  /// Creates the directory (0700). Throws std::runtime_error, naming the process that has the lock.
  explicit data_lock(const std::string& directory);
  ~data_lock();
  data_lock(const data_lock&) = delete;
  data_lock& operator=(const data_lock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace stoa::cli
