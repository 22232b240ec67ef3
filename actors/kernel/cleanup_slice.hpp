#pragma once
// The result of one slice of the clean-up.

#include "storage/base/time.hpp"

#include <string>

namespace stoa::kernel {

struct cleanup_slice {
  std::string table;
  std::size_t rows = 0;
  microseconds time{};    ///< of the slice's transaction
  microseconds behind{};  ///< how long the oldest expired rows are overdue
  microseconds pause{};   ///< before the next slice
};

}  // namespace stoa::kernel
