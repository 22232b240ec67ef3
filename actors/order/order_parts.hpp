#pragma once
// What the parts of the Order service share.

#include "actors/order/order_service.hpp"

namespace stoa::order {

order_view view_of(order_service::decision& d, const order_row& o);
order_summary summary_of(order_service::decision& d, const order_row& o);

/// Moves the order and writes the history; the caller has asked may_become().
void move_to(order_service::decision& d, order_row& o, order_status to,
             std::optional<std::string> reason);

/// The goods of the declined order are still reserved for its cart.
bool is_held(const order_row& o, timestamp now);

}  // namespace stoa::order
