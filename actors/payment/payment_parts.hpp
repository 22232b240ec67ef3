#pragma once
// What the files of the Payment service share.

#include "actors/payment/payment_rules.hpp"
#include "actors/payment/payment_service.hpp"

namespace stoa::payment {

/// Appends a row to the payment's log.
void log(payment_service::decision& d, payment_row& p, std::string event, log_details details);
/// Changes the status; throws std::logic_error for a transition that the table does not list.
void move_to(payment_service::decision& d, payment_row& p, payment_status to);
/// Ends the open operation and its attempt.
void close(payment_service::decision& d, payment_row& p, attempt_state as, const gateway_answer& a);
/// The attempt of the operation that is open, or was open last.
attempt_row& attempt_of(payment_service::decision& d, const payment_row& p);

/// The payment of an order has the same id whenever it is created: the order's as UUIDv8 (RFC
/// 9562). A database that was set back (a restored backup, a fail-over to a replica that lagged)
/// creates the payments again that it has lost, and the gateway finds their authorisations by the
/// key.
stoa::payment_id payment_of(stoa::order_id order);

payment_view view_of(const payment_row& p);
refund_view view_of(const refund_row& r);

/// Staff, and the system itself.
bool may_see_all(const kernel::call_context& context);

std::optional<std::string> some(const std::string& text);

}  // namespace stoa::payment
