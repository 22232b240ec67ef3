#pragma once
// The action that a payment requires of its customer: part of payments and checkout responses.

#include "storage/base/describe.hpp"

#include <string>

namespace stoa::payment {

/// The action that the customer must take before the payment can continue.
struct next_action {
  std::string type;  ///< "redirect": open the URL in the customer's browser
  std::string url;
};
BOOST_DESCRIBE_STRUCT(next_action, (), (type, url))

}  // namespace stoa::payment
