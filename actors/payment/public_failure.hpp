#pragma once
// What customers learn about a declined payment. The gateway's code is for staff: some codes, such
// as fraudulent or lost_card, would help those who test stolen cards.

#include <string_view>

namespace stoa::payment {

/// The stable code for customers. The code of a declined capture or refund becomes capture_declined
/// or refund_declined; every code that is not listed becomes card_declined.
std::string_view public_code(std::string_view failure_code);

/// The sentence for customers.
std::string_view public_reason(std::string_view failure_code);

}  // namespace stoa::payment
