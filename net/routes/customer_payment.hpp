#pragma once
// A payment as its customer sees it.

#include "actors/payment/payment_messages.hpp"
#include "actors/payment/public_failure.hpp"

namespace stoa::front {

/// Replaces the gateway's failure code, which is for staff, by the one for customers.
inline void hide_gateway_code(payment::payment_view& p) {
  if (p.failure_code) p.failure_code = std::string(payment::public_code(*p.failure_code));
}

}  // namespace stoa::front
