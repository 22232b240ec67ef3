#pragma once
// Rules of bodies and queries that extend those of others.

#include "storage/base/json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace stoa::front {

/// The rules, followed by more.
template <std::size_t N, std::size_t M>
constexpr std::array<json::rule, N + M> with_rules(const std::array<json::rule, N>& all,
                                                   const json::rule (&more)[M]) {
  std::array<json::rule, N + M> joined{};
  std::copy(all.begin(), all.end(), joined.begin());
  std::copy(more, more + M, joined.begin() + N);
  return joined;
}

}  // namespace stoa::front
