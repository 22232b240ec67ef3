#include "storage/base/quantity_limits.hpp"

namespace stoa {

std::optional<broken_limit> broken_by(const quantity_limits& limits, std::int64_t quantity,
                                      std::int64_t units) {
  if (limits.min && quantity < *limits.min) {
    return broken_limit{"quantity_below_min", *limits.min,
                        "A line must have at least " + std::to_string(*limits.min) + " units."};
  }
  if (limits.max && units > *limits.max) {
    return broken_limit{"quantity_above_max", *limits.max,
                        "An order has at most " + std::to_string(*limits.max) + " units."};
  }
  if (limits.step && *limits.step > 0 && quantity % *limits.step != 0) {
    return broken_limit{"quantity_not_step", *limits.step,
                        "The quantity must be a multiple of " + std::to_string(*limits.step) + "."};
  }
  return std::nullopt;
}

std::optional<problem> check_limits(const quantity_limits& limits) {
  const auto& [min, max, step] = limits;
  if (min && max && *min > *max) {
    return invalid_field("/quantity_min", "range", "The minimum must not exceed the maximum.");
  }
  if (step && min && *min % *step != 0) {
    return invalid_field("/quantity_min", "step", "The minimum must be a multiple of the step.");
  }
  if (step && max && *max % *step != 0) {
    return invalid_field("/quantity_max", "step", "The maximum must be a multiple of the step.");
  }
  return std::nullopt;
}

}  // namespace stoa
