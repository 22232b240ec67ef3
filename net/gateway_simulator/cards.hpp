#pragma once
// Stripe's test cards, and cards with faults of the network.

#include <string>
#include <string_view>

namespace stoa::simulator {

/// What happens to the response of a request.
enum class fault {
  none,
  slow,             ///< it comes after slow_response_ms
  error_500,        ///< the request is executed, and the response is 500
  reset,            ///< the request is executed, and the connection is closed instead of a response
  truncated,        ///< the request is executed, and the response is 2xx with half of its body
  unreadable,       ///< the request is executed, and the response is 2xx with a page
  error_500_before  ///< the request is not executed, and the response is 500
};

/// What happens some time after a charge or its refund.
enum class aftermath {
  none,
  refund_fails,     ///< a refund succeeds first and fails later
  refund_succeeds,  ///< a refund is pending first and succeeds later
  disputed          ///< the customer disputes the charge
};
inline constexpr int slow_response_ms = 5000;

struct card {
  std::string_view name;  ///< after "pm_card_"
  std::string_view code{};
  std::string_view decline_code{};
  bool asks_customer = false;  ///< 3-D Secure
  fault with = fault::none;
  aftermath later = aftermath::none;
};

/// The card of a PaymentMethod (pm_card_visa); null if there is none.
const card* find_card(std::string_view token);

}  // namespace stoa::simulator
