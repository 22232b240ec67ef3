#pragma once
// The order's state machine: the legal transitions. All others are rejected.

#include "storage/order/order.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::order {

inline constexpr std::array legal_transitions{
    std::pair{order_status::Pending, order_status::Confirmed},
    std::pair{order_status::Pending, order_status::Cancelled},
    std::pair{order_status::Confirmed, order_status::Shipped},
    std::pair{order_status::Confirmed, order_status::Cancelled},
    std::pair{order_status::Shipped, order_status::Delivered},
};

constexpr bool may_become(order_status from, order_status to) {
  return std::any_of(legal_transitions.begin(), legal_transitions.end(),
                     [&](const auto& t) { return t.first == from && t.second == to; });
}

}  // namespace stoa::order
