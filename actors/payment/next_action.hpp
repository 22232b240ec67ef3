#pragma once
// The action that a payment requires of its customer: part of payments and checkout responses.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"

#include <optional>
#include <string>

namespace stoa::payment {

/// The action that the customer must take before the payment can continue.
struct next_action {
  std::string
      type;  ///< "redirect": open the URL in the browser; "bank_transfer": pay as instructed
  std::optional<std::string> url = std::nullopt;           ///< redirect
  std::optional<std::string> instructions = std::nullopt;  ///< bank_transfer: where to pay
  std::optional<std::string> reference = std::nullopt;     ///< bank_transfer: the order's number
  std::optional<timestamp> pay_until = std::nullopt;       ///< bank_transfer
};
BOOST_DESCRIBE_STRUCT(next_action, (), (type, url, instructions, reference, pay_until))

}  // namespace stoa::payment
