#pragma once
// The rules of prices for a request.

#include "net/front/exchange.hpp"
#include "net/front/price_rules.hpp"

namespace stoa::front {

/// The rules that this node knows if they are recent, otherwise those of the Pricing service; fails
/// with its problem.
task<pricing::rule_book_ptr> current_rules(exchange& x);

/// Asks the Pricing service, so that this node knows the rules that the request has changed. A
/// failure only means that it learns them later.
task<none> learn_rules(exchange& x);

}  // namespace stoa::front
