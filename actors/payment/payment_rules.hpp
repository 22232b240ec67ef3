#pragma once
// The payment's state machine: which change may follow which state. Everything else is a bug.

#include "storage/payment/payment.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::payment {

inline constexpr std::array legal_transitions{
    std::pair{payment_status::Pending, payment_status::Completed},
    std::pair{payment_status::Pending, payment_status::Failed},
    std::pair{payment_status::Completed, payment_status::Refunded},
};

constexpr bool may_become(payment_status from, payment_status to) {
  return std::any_of(legal_transitions.begin(), legal_transitions.end(),
                     [&](const auto& t) { return t.first == from && t.second == to; });
}

}  // namespace stoa::payment
