#pragma once
// Exclusive access of one process to a data directory.

#include <stdexcept>
#include <string>

namespace stoa::cli {

/// Another process holds the lock of the directory.
class data_in_use : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Holds the directory's lock until destroyed. The kernel releases it when the process ends.
class data_lock {
 public:
  /// Creates the directory (0700). Throws data_in_use with the id of the process that holds the
  /// lock, and std::runtime_error on other failures.
  explicit data_lock(const std::string& directory);
  ~data_lock();
  data_lock(const data_lock&) = delete;
  data_lock& operator=(const data_lock&) = delete;

 private:
  int file_ = -1;
};

/// Whether a process holds the directory's lock. Changes nothing.
bool is_data_in_use(const std::string& directory);

}  // namespace stoa::cli
