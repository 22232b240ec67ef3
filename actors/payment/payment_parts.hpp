#pragma once
// Shared by the files of the Payment service.

#include "actors/payment/payment_method.hpp"
#include "actors/payment/payment_rules.hpp"
#include "actors/payment/payment_service.hpp"

namespace stoa::payment {

/// Appends a row to the payment's log.
void log(payment_service::decision& d, payment_row& p, std::string event, log_details details);
/// Changes the status; throws std::logic_error for an illegal transition.
void move_to(payment_service::decision& d, payment_row& p, payment_status to);
/// The payment's failure code of a declined operation: the gateway's code after the operation's
/// prefix ("refund_"), which some codes have already.
std::string failure_of(std::string_view operation, const std::string& code);
/// Ends the open operation and its attempt.
void close(payment_service::decision& d, payment_row& p, attempt_state as, const gateway_answer& a);
/// The attempt of the open or last operation.
attempt_row& attempt_of(payment_service::decision& d, const payment_row& p);

/// The idempotency key of the capture for an order's shipment: a repeated request captures once.
std::string capture_key_of(const payment_row& p, std::int64_t shipment);
/// The shipment of such a key; 0 for another one.
std::int64_t shipment_of_key(std::string_view key);

/// The idempotency key of the refund's request; a retry has another one.
std::string key_of(const refund_row& r);
/// The refund of such a key; none for another text.
std::optional<stoa::refund_id> refund_of_key(std::string_view key);

/// Entries of the ledger (payment_ledger.cpp), written with the change that they record.
void post_capture(payment_service::decision& d, const payment_row& p, const std::string& operation,
                  std::int64_t amount);
void post_refund(payment_service::decision& d, const payment_row& p, const refund_row& r);
void post_refund_reversal(payment_service::decision& d, const payment_row& p, const refund_row& r);
/// Posts what has moved between the two states of a dispute, and counts the movement.
void post_dispute(payment_service::decision& d, const payment_row& p, const dispute_row& before,
                  dispute_row& after);
/// The entries of postings in the order of read_postings().
std::vector<ledger_entry_view> ledger_of(const std::vector<ledger_posting_row>& postings);

/// The id of an order's payment: the order's id as UUIDv8 (RFC 9562). It is deterministic, so that
/// lost payments (after a restored backup, or a fail-over to a replica that lagged) are recreated
/// with the same key, by which the gateway finds their authorisations.
stoa::payment_id payment_of(stoa::order_id order);

/// Staff confirm the payment when its money has arrived.
bool is_awaited(const payment_row& p);

/// "The payment is Authorized", with the operation that is open at the gateway, if any.
std::string state_text(const payment_row& p);

payment_view view_of(const payment_row& p);
refund_view view_of(const refund_row& r);

/// The caller's saved method, if it can be used at the gateway.
const saved_method_row* usable_method(payment_service::decision& d, stoa::payment_method_id id,
                                      const std::string& gateway);
/// The user's saved methods that are active.
std::vector<const saved_method_row*> active_methods(payment_service::decision& d,
                                                    stoa::user_id user);
/// Deletes it; the user's newest one becomes the default instead.
void erase_method(payment_service::decision& d, const saved_method_row& m);
/// What the gateway keeps becomes the saved method, if the user may have one more. One that the
/// user has already is not saved twice. False: the gateway must not keep it.
bool activate_method(payment_service::decision& d, stoa::payment_method_id id, stoa::user_id user,
                     const gateway_answer& a);
/// A user's customer at the gateway, created without its id if there is none.
const gateway_customer_row& customer_at(payment_service::decision& d, stoa::user_id user,
                                        const std::string& gateway);

/// True for staff and the system.
bool may_see_all(const kernel::call_context& context);

std::optional<std::string> some(const std::string& text);

}  // namespace stoa::payment
