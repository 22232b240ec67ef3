#pragma once
// The quantities in which a product is sold.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace stoa {

inline constexpr std::int64_t quantity_limit_max = 10'000;  ///< of each limit; that of a line

/// The minimum and the step apply to each line of a cart or an order, the maximum to all its lines
/// of the product.
struct quantity_limits {
  std::optional<std::int64_t> min = std::nullopt;
  std::optional<std::int64_t> max = std::nullopt;
  std::optional<std::int64_t> step = std::nullopt;

  bool any() const { return min || max || step; }
  bool operator==(const quantity_limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(quantity_limits, (), (min, max, step))

/// A limit that a quantity does not conform to.
struct broken_limit {
  std::string code;        ///< quantity_below_min, quantity_above_max or quantity_not_step
  std::int64_t limit = 0;  ///< its value
  std::string detail;      ///< human-readable
};

/// `units`: of all lines of the product, including the line with `quantity`.
std::optional<broken_limit> broken_by(const quantity_limits& limits, std::int64_t quantity,
                                      std::int64_t units);

/// Why these limits of a product cannot be set: the minimum is above the maximum, or one of them is
/// no multiple of the step.
std::optional<problem> check_limits(const quantity_limits& limits);

}  // namespace stoa
