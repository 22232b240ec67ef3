#pragma once
// The number of a service's dead letters: a separate query, so that a list needs no count.

#include "storage/base/describe.hpp"
#include "storage/db/connection.hpp"

#include <cstdint>
#include <string_view>

namespace stoa::kernel {

struct dead_letter_count {
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(dead_letter_count, (), (total))

/// Supported by every service.
struct count_dead_letters {
  static constexpr std::string_view name = "kernel.count_dead_letters";
  using reply = dead_letter_count;
};
BOOST_DESCRIBE_STRUCT(count_dead_letters, (), ())
dead_letter_count read_dead_letter_count(db::connection& c);
}  // namespace stoa::kernel
