#pragma once
// The Payment service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/kernel/expiry.hpp"
#include "storage/payment/payment.hpp"

namespace stoa::payment {

/// Filter of the payment list; newest first, starting after the payment `before`.
struct payment_filter {
  std::optional<payment_status> status;
  std::optional<stoa::payment_id> before;
  std::size_t limit = 20;
};

std::optional<payment_row> read_payment(db::connection& c, stoa::payment_id id);
/// Its log, oldest first.
std::vector<payment_log_row> read_payment_log(db::connection& c, stoa::payment_id id);
/// Its requests to the gateway, oldest first.
std::vector<attempt_row> read_attempts(db::connection& c, stoa::payment_id id);
/// Its refunds, oldest first.
std::vector<refund_row> read_refunds(db::connection& c, stoa::payment_id id);
std::vector<payment_row> payments_of_order(db::connection& c, stoa::order_id id);
std::vector<payment_row> list_payments(db::connection& c, const payment_filter& filter);
/// Number of payments with the status; none: all.
std::int64_t count_payments(db::connection& c, std::optional<payment_status> status);
/// Payments with an open effect whose next attempt is due or scheduled after `latest`, oldest due
/// time first.
std::vector<stoa::payment_id> due_payments(db::connection& c, timestamp now, timestamp latest,
                                           std::size_t limit);
/// All payments with an open effect by due time.
std::vector<stoa::payment_id> open_payments(db::connection& c, std::size_t limit);
/// Instruments that expired unused.
extern const kernel::expiry expired_instruments;
/// Webhook events that gateways no longer repeat.
extern const kernel::expiry expired_gateway_events;
/// Creation time of the oldest payment that the gateway has not decided.
std::optional<timestamp> oldest_pending(db::connection& c);

}  // namespace stoa::payment
