#pragma once
// What a customer must do for a payment: part of payments and of the answer to a checkout.

#include "storage/base/describe.hpp"

#include <string>

namespace stoa::payment {

/// What the customer must do before the payment goes on.
struct next_action {
  std::string type;  ///< "redirect": open the URL in the customer's browser
  std::string url;
};
BOOST_DESCRIBE_STRUCT(next_action, (), (type, url))

}  // namespace stoa::payment
