#pragma once
// One process at a time works on a data directory.

#include <stdexcept>
#include <string>

namespace stoa::cli {

/// Another process has the directory.
class data_in_use : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Holds the directory's lock until it is destroyed. The kernel releases it when the process dies.
class data_lock {
 public:
  /// Creates the directory (0700). Throws data_in_use, naming the process that has the lock, and
  /// std::runtime_error when it cannot be locked.
  explicit data_lock(const std::string& directory);
  ~data_lock();
  data_lock(const data_lock&) = delete;
  data_lock& operator=(const data_lock&) = delete;

 private:
  int file_ = -1;
};

/// Whether a process has the directory now. Changes nothing.
bool is_data_in_use(const std::string& directory);

}  // namespace stoa::cli
