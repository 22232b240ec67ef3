#pragma once
// The time in a UUIDv7.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <cstddef>

namespace stoa {

inline bool is_v7(const uuid& id) noexcept {
  return id.bytes[6] >> 4 == 7;
}

/// The creation time of a UUIDv7 by its source's clock, in whole milliseconds.
inline timestamp time_of(const uuid& v7) noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | v7.bytes[i];
  return {ms * 1000};
}

}  // namespace stoa
