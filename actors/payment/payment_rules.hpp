#pragma once
// The state machines of payments, attempts and refunds: the legal transitions. Any other is a bug.

#include "storage/payment/payment.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::payment {

inline constexpr std::array payment_transitions{
    std::pair{payment_status::Pending, payment_status::RequiresAction},
    std::pair{payment_status::Pending, payment_status::Authorized},
    std::pair{payment_status::Pending, payment_status::Completed},
    std::pair{payment_status::Pending, payment_status::Failed},
    std::pair{payment_status::RequiresAction, payment_status::Authorized},
    std::pair{payment_status::RequiresAction, payment_status::Completed},
    std::pair{payment_status::RequiresAction, payment_status::Failed},
    std::pair{payment_status::Authorized, payment_status::Completed},
    std::pair{payment_status::Authorized, payment_status::Voided},
    // The gateway has captured it although it had reported that it would not.
    std::pair{payment_status::Failed, payment_status::Completed},
    std::pair{payment_status::Voided, payment_status::Completed},
    std::pair{payment_status::Completed, payment_status::PartiallyRefunded},
    std::pair{payment_status::Completed, payment_status::Refunded},
    std::pair{payment_status::PartiallyRefunded, payment_status::Refunded},
    // The gateway has reversed a refund.
    std::pair{payment_status::PartiallyRefunded, payment_status::Completed},
    std::pair{payment_status::Refunded, payment_status::PartiallyRefunded},
    std::pair{payment_status::Refunded, payment_status::Completed},
};

inline constexpr std::array attempt_transitions{
    std::pair{attempt_state::pending, attempt_state::accepted},
    std::pair{attempt_state::pending, attempt_state::succeeded},
    std::pair{attempt_state::pending, attempt_state::declined},
    std::pair{attempt_state::pending, attempt_state::abandoned},
    std::pair{attempt_state::accepted, attempt_state::succeeded},
    std::pair{attempt_state::accepted, attempt_state::declined},
    std::pair{attempt_state::accepted, attempt_state::abandoned},
};

inline constexpr std::array refund_transitions{
    std::pair{refund_status::Pending, refund_status::Succeeded},
    std::pair{refund_status::Pending, refund_status::Declined},
    std::pair{refund_status::Declined, refund_status::Pending},    // retried
    std::pair{refund_status::Succeeded, refund_status::Declined},  // reversed by the gateway
};

template <class S, std::size_t N>
constexpr bool is_listed(const std::array<std::pair<S, S>, N>& all, S from, S to) {
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& t) { return t.first == from && t.second == to; });
}

constexpr bool may_become(payment_status from, payment_status to) {
  return is_listed(payment_transitions, from, to);
}
constexpr bool may_become(attempt_state from, attempt_state to) {
  return is_listed(attempt_transitions, from, to);
}
constexpr bool may_become(refund_status from, refund_status to) {
  return is_listed(refund_transitions, from, to);
}

/// The amount was captured; part or all of it may have been refunded.
constexpr bool is_captured(payment_status s) {
  return s == payment_status::Completed || s == payment_status::PartiallyRefunded ||
         s == payment_status::Refunded;
}

/// It has ended without money.
constexpr bool has_ended(payment_status s) {
  return s == payment_status::Failed || s == payment_status::Voided;
}

/// The gateway has not decided the authorisation yet.
constexpr bool is_undecided(payment_status s) {
  return s == payment_status::Pending || s == payment_status::RequiresAction;
}

}  // namespace stoa::payment
