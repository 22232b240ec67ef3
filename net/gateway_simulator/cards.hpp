#pragma once
// Stripe's test cards, and cards with faults of the network.

#include <string>
#include <string_view>

namespace stoa::simulator {

/// What happens to the response of the confirmation.
enum class fault {
  none,
  slow,       ///< it comes after slow_response_ms
  error_500,  ///< the card is charged, and the response is 500
  reset       ///< the card is charged, and the connection is closed instead of a response
};
inline constexpr int slow_response_ms = 5000;

struct card {
  std::string_view name;  ///< after "pm_card_"
  std::string_view code{};
  std::string_view decline_code{};
  bool asks_customer = false;  ///< 3-D Secure
  fault with = fault::none;
};

/// The card of a PaymentMethod (pm_card_visa); null if there is none.
const card* find_card(std::string_view token);

}  // namespace stoa::simulator
