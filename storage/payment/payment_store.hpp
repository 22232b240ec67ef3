#pragma once
// The Payment service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/kernel/expiry.hpp"
#include "storage/payment/payment.hpp"

#include <map>

namespace stoa::payment {

/// Filter of the payment list; newest first, starting after the payment `before`.
struct payment_filter {
  std::optional<payment_status> status;
  std::optional<stoa::payment_id> before;
  std::size_t limit = 20;
};

/// The user's saved payment methods, newest first, without those that are not completed.
std::vector<saved_method_row> read_saved_methods(db::connection& c, stoa::user_id user);
/// Also one that is not completed.
std::optional<saved_method_row> read_saved_method(db::connection& c, stoa::payment_method_id id);
/// The user with the method whose token has that fingerprint, or with that customer at the gateway.
std::optional<stoa::user_id> read_method_owner(db::connection& c, const std::string& gateway,
                                               const std::string& token_key,
                                               const std::string& customer_id);
/// Operations on saved methods that are due or scheduled after `latest`, oldest due time first.
std::vector<stoa::payment_method_id> due_method_operations(db::connection& c, timestamp now,
                                                           timestamp latest, std::size_t limit);
/// Customers that the gateway must delete, as above.
struct customer_key {
  stoa::user_id user_id;
  std::string gateway;
};
std::vector<customer_key> due_customers(db::connection& c, timestamp now, timestamp latest,
                                        std::size_t limit);
std::optional<payment_row> read_payment(db::connection& c, stoa::payment_id id);
/// Its log, oldest first.
std::vector<payment_log_row> read_payment_log(db::connection& c, stoa::payment_id id);
/// Its requests to the gateway, oldest first.
std::vector<attempt_row> read_attempts(db::connection& c, stoa::payment_id id);
/// The entries of its ledger in the order of posting, each with its lines in order.
std::vector<ledger_posting_row> read_postings(db::connection& c, stoa::payment_id id);
/// Its disputes, oldest first.
std::vector<dispute_row> read_disputes(db::connection& c, stoa::payment_id id);
/// The payment with the gateway's reference; none if the gateway is another.
std::optional<payment_row> payment_of_transaction(db::connection& c, const std::string& gateway,
                                                  const std::string& transaction_id);
/// The sum of the postings of each account and currency.
struct account_balance {
  std::string account;
  money amount;
};
std::vector<account_balance> read_balances(db::connection& c);

/// A gateway's payments of orders that were placed in [from, to), by id, after the payment `after`.
/// A payment's id begins with the time of its order.
std::vector<payment_row> payments_of_period(db::connection& c, const std::string& gateway,
                                            timestamp from, timestamp to,
                                            std::optional<stoa::payment_id> after,
                                            std::size_t limit);
/// The gateway's references of the captures of authorised payments, for the payments with ids from
/// `first` to `last`.
std::map<stoa::payment_id, std::string> captures_between(db::connection& c, stoa::payment_id first,
                                                         stoa::payment_id last);
/// Refunds of a gateway's payments, created in [from, to), oldest first; at most `limit`.
std::vector<refund_row> refunds_of_period(db::connection& c, const std::string& gateway,
                                          timestamp from, timestamp to, std::size_t limit);
/// Payments to review that are due or scheduled after `latest`, oldest due time first.
std::vector<stoa::payment_id> due_reviews(db::connection& c, timestamp now, timestamp latest,
                                          std::size_t limit);
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
extern const kernel::expiry expired_saved_methods;
/// Webhook events that gateways no longer repeat.
extern const kernel::expiry expired_gateway_events;
/// The number of disputes of each gateway and status.
struct dispute_count {
  std::string gateway;
  dispute_status status = dispute_status::Open;
  std::int64_t count = 0;
};
std::vector<dispute_count> count_disputes(db::connection& c);
/// Creation time of the oldest payment that the gateway has not decided.
std::optional<timestamp> oldest_pending(db::connection& c);

}  // namespace stoa::payment
