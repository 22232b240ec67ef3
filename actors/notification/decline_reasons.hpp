#pragma once
// Why a payment was declined, in words for the customer.

#include <string_view>

namespace stoa::notification {

/// A sentence for the payment's failure code. Codes that are not listed, and those that a customer
/// must not see, such as a suspicion of fraud, have the general one.
std::string_view decline_reason(std::string_view failure_code);

}  // namespace stoa::notification
