#pragma once
// Whether an order's outcome is so young that other services may still have to apply it.

#include "actors/order/order_messages.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

/// Later all is applied, or a service is away for longer than an answer waits for it.
inline constexpr seconds outcome_is_new{30};

inline bool decided_lately(const order::order_view& v) {
  return v.status != order::order_status::Pending &&
         v.updated_at + outcome_is_new > store_time().now();
}

}  // namespace stoa::front
