#pragma once
// What one slice of the clean-up did.

#include "storage/base/time.hpp"

#include <string>

namespace stoa::kernel {

struct cleanup_slice {
  std::string table;
  std::size_t rows = 0;
  microseconds time{};    ///< of the slice's transaction
  microseconds behind{};  ///< how long ago the oldest rows that are left should have gone
  microseconds pause{};   ///< before the next slice
};

}  // namespace stoa::kernel
