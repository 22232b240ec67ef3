#pragma once
// The Payment service's records.

#include "storage/base/instrument_id.hpp"
#include "storage/base/redemption.hpp"
#include "storage/base/refund_line.hpp"
#include "storage/db/records.hpp"
#include "storage/payment/dispute_status.hpp"

namespace stoa {

using dispute_id = id<struct dispute_tag>;
using ledger_entry_id = id<struct ledger_entry_tag>;

}  // namespace stoa

namespace stoa::payment {

/// The transitions are in actors/payment/payment_rules.hpp.
enum class payment_status {
  Pending,
  RequiresAction,  ///< the customer must act, for example confirm the payment at the bank
  Authorized,      ///< the amount is reserved on the card and not captured yet
  Completed,       ///< captured
  PartiallyRefunded,
  Refunded,
  Voided,  ///< the authorisation was released without a capture
  Failed
};
BOOST_DESCRIBE_ENUM(payment_status, Pending, RequiresAction, Authorized, Completed,
                    PartiallyRefunded, Refunded, Voided, Failed)

/// When an authorised amount is captured.
enum class capture_method {
  automatic,  ///< by the request that authorises it, at checkout
  shipment,   ///< when the order is shipped
  manual      ///< by a separate request of staff
};
BOOST_DESCRIBE_ENUM(capture_method, automatic, shipment, manual)

/// The pending gateway operation, at most one per payment. With automatic capture, Authorize also
/// captures.
enum class open_effect { None, Authorize, Capture, Void, Refund };
BOOST_DESCRIBE_ENUM(open_effect, None, Authorize, Capture, Void, Refund)

/// A payment instrument, stored before the order is placed. Deleted when the order's payment takes
/// over the token, or when it expires unused. The token is encrypted; its plain text is available
/// only to the edge, which receives it, and to the effect that calls the gateway.
struct instrument_row {
  static constexpr const char* table = "instruments";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::instrument_id instrument_id;
  std::optional<stoa::user_id> user_id;  ///< the owner; none for a guest
  std::string payment_method;            ///< the name of a payment::payment_method
  std::string sealed_token;
  std::string token_hint;  ///< enough of the token to recognise it, not enough to use it
  timestamp created_at;
  timestamp expires_at;
  /// The saved_method_row that the payment completes.
  std::optional<stoa::payment_method_id> saved_as = std::nullopt;
  /// The gateway's customer to whom the token belongs, or who saves it.
  std::optional<std::string> customer_id = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(instrument_row, (),
                      (instrument_id, user_id, payment_method, sealed_token, token_hint, created_at,
                       expires_at, saved_as, customer_id))

/// A payment method that a user has saved. The token is encrypted like that of an instrument.
struct saved_method_row {
  static constexpr const char* table = "saved_payment_methods";
  static constexpr std::size_t key_columns = 1;
  stoa::payment_method_id payment_method_id;
  stoa::user_id user_id;
  std::string payment_method;  ///< the name of a payment::payment_method
  std::string gateway;         ///< whose token it is
  std::string sealed_token;
  std::string token_hint;
  bool is_default = false;
  timestamp created_at;
  timestamp updated_at;
  /// While the payment that saves it is undecided, or the gateway has not confirmed that it keeps
  /// it: it is not listed, cannot be used, and expires then.
  std::optional<timestamp> expires_at;
  std::int64_t version = 0;
  // Of a gateway that keeps payment methods:
  std::optional<std::string> customer_id = std::nullopt;  ///< the gateway's, to whom it belongs
  std::optional<std::string> brand = std::nullopt;
  std::optional<std::string> last4 = std::nullopt;
  std::optional<std::int64_t> exp_month = std::nullopt;
  std::optional<std::int64_t> exp_year = std::nullopt;
  std::optional<std::string> failure_code = std::nullopt;  ///< why it was not saved
  std::string token_key{};  ///< the token's fingerprint; empty if the gateway sends no events
};
BOOST_DESCRIBE_STRUCT(saved_method_row, (),
                      (payment_method_id, user_id, payment_method, gateway, sealed_token,
                       token_hint, is_default, created_at, updated_at, expires_at, version,
                       customer_id, brand, last4, exp_month, exp_year, failure_code, token_key))

/// A user's customer at a gateway that keeps payment methods.
struct gateway_customer_row {
  static constexpr const char* table = "gateway_customers";
  static constexpr std::size_t key_columns = 2;
  stoa::user_id user_id;
  std::string gateway;
  std::optional<std::string> customer_id;  ///< the gateway's; none until it has answered
  /// The account was deleted: the gateway is asked to delete the customer until it has answered.
  bool removing = false;
  std::int64_t attempts = 0;  ///< consecutive requests without an answer
  timestamp next_attempt_at;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(gateway_customer_row, (),
                      (user_id, gateway, customer_id, removing, attempts, next_attempt_at,
                       created_at, updated_at, version))

/// `Save` attaches a payment method to the user's customer at the gateway, or finds one that a
/// payment has saved and that the gateway keeps later; `Remove` removes it there.
enum class method_operation { Save, Remove };
BOOST_DESCRIBE_ENUM(method_operation, Save, Remove)

/// What a gateway still has to do with a payment method. Deleted when it has answered.
struct method_operation_row {
  static constexpr const char* table = "method_operations";
  static constexpr std::size_t key_columns = 1;
  stoa::payment_method_id payment_method_id;
  method_operation operation = method_operation::Remove;
  stoa::user_id user_id;
  std::string gateway;
  std::optional<std::string> customer_id;  ///< the gateway's
  std::string sealed_token;                ///< encrypted like that of an instrument
  std::int64_t attempts = 0;               ///< consecutive requests without an answer
  timestamp next_attempt_at;
  timestamp created_at;
  std::int64_t version = 0;
  std::string token_key{};  ///< of a Save whose token an event of the gateway has named
};
BOOST_DESCRIBE_STRUCT(method_operation_row, (),
                      (payment_method_id, operation, user_id, gateway, customer_id, sealed_token,
                       attempts, next_attempt_at, created_at, version, token_key))

/// The payment of an order. `payment_id` is the idempotency key of its authorisation.
struct payment_row {
  static constexpr const char* table = "payments";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::payment_id payment_id;
  stoa::order_id order_id;               ///< unique
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  std::string payment_method;            ///< of its instrument; "unknown" without one
  std::string gateway;                   ///< registered name of its gateway
  capture_method capture = capture_method::automatic;
  std::string sealed_token;  ///< encrypted; empty once the authorisation is settled
  std::string token_hint;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;       ///< sum of the successful refunds
  std::optional<std::string> transaction_id;  ///< the gateway's id of the authorisation
  std::optional<std::string> failure_code;    ///< of the last declined operation
  std::optional<std::string> action_url;      ///< in RequiresAction: URL for the customer
  bool order_cancelled = false;               ///< captured amounts are refunded
  open_effect effect = open_effect::None;
  std::int64_t attempts = 0;      ///< consecutive `unknown` results of the open effect
  std::int64_t attempt_rows = 0;  ///< number of the last attempt_row, used by the open effect
  std::int64_t refund_rows = 0;   ///< number of refunds
  timestamp next_attempt_at;      ///< when the sweep retries the open effect
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::int64_t log_rows = 0;  ///< number of log rows
  // Of the gateway "offline":
  std::optional<timestamp> pay_until = std::nullopt;       ///< of a bank transfer
  std::optional<std::string> instructions = std::nullopt;  ///< for the customer
  /// If it is lower than the amount; also of a partial capture at a gateway.
  std::optional<money> received_amount = std::nullopt;
  /// The saved_method_row that its approval completes.
  std::optional<stoa::payment_method_id> saved_as = std::nullopt;
  /// The gateway's customer to whom the token belongs, or who saves it.
  std::optional<std::string> customer_id = std::nullopt;

  /// The amount that was captured, or is to be captured.
  const money& captured_amount() const { return received_amount ? *received_amount : amount; }
};
BOOST_DESCRIBE_STRUCT(payment_row, (),
                      (payment_id, order_id, user_id, payment_method, gateway, capture,
                       sealed_token, token_hint, amount, status, refunded_amount, transaction_id,
                       failure_code, action_url, order_cancelled, effect, attempts, attempt_rows,
                       refund_rows, next_attempt_at, created_at, updated_at, version, log_rows,
                       pay_until, instructions, received_amount, saved_as, customer_id))

/// `accepted`: the gateway has accepted the request and decides later; it is polled.
enum class attempt_state { pending, accepted, succeeded, declined, abandoned };
BOOST_DESCRIBE_ENUM(attempt_state, pending, accepted, succeeded, declined, abandoned)

/// A request to a gateway under one idempotency key, including its retries.
struct attempt_row {
  static constexpr const char* table = "payment_attempts";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  stoa::payment_id payment_id;
  std::int64_t number = 0;  ///< within the payment, from 1
  open_effect operation = open_effect::None;
  std::string gateway;
  std::string gateway_key;  ///< idempotency key; for a void, the key of the voided request
  money amount;
  attempt_state state = attempt_state::pending;
  std::int64_t calls = 0;                      ///< requests and polls sent
  std::optional<std::string> transaction_id;   ///< the gateway's reference
  std::optional<std::string> code;             ///< why it was declined or is still unknown
  std::optional<stoa::refund_id> refund_id{};  ///< of a refund
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  static constexpr std::string_view parent = "payments";
  static constexpr auto parent_key = &attempt_row::payment_id;
};
BOOST_DESCRIBE_STRUCT(attempt_row, (),
                      (payment_id, number, operation, gateway, gateway_key, amount, state, calls,
                       transaction_id, code, refund_id, created_at, updated_at, version))

enum class refund_status { Pending, Succeeded, Declined };
BOOST_DESCRIBE_ENUM(refund_status, Pending, Succeeded, Declined)

/// A refund. All refunds except Declined ones count against the captured amount. A declined refund
/// is retried under a new key.
struct refund_row {
  static constexpr const char* table = "payment_refunds";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::refund_id refund_id;  ///< the payment's id if the order was cancelled
  stoa::payment_id payment_id;
  money amount;
  std::string reason;
  std::string requested_by;  ///< "system", or the id of a staff user
  refund_status status = refund_status::Pending;
  std::int64_t tries = 1;  ///< number of attempts, each with a new key
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::vector<refund_line> lines = {};  ///< none: only an amount
  std::int64_t shipping_amount = 0;     ///< the part of `amount` that refunds costs of shipping
  std::int64_t shipping_paid = 0;       ///< the costs of shipping that were paid
  bool restock = false;                 ///< the units of the lines return to the stock
  /// What of `amount` returns to gift cards and store credit, and its sum.
  std::vector<redeemed_credit> credits = {};
  std::int64_t credit_total = 0;
  /// By its first success. A reversal at the gateway does not take it back.
  bool credits_returned = false;
  /// What the gateway refunds.
  money payment_amount() const { return {amount.amount - credit_total, amount.currency}; }
  static constexpr std::string_view parent = "payments";
  static constexpr auto parent_key = &refund_row::payment_id;
};
BOOST_DESCRIBE_STRUCT(refund_row, (),
                      (refund_id, payment_id, amount, reason, requested_by, status, tries,
                       transaction_id, failure_code, created_at, updated_at, version, lines,
                       shipping_amount, shipping_paid, restock, credits, credit_total,
                       credits_returned))

/// An applied webhook event of a gateway, to ignore repeats.
struct gateway_event_row {
  static constexpr const char* table = "gateway_events";
  static constexpr std::size_t key_columns = 2;
  std::string gateway;
  std::string event_id;  ///< assigned by the gateway
  timestamp received_at;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(gateway_event_row, (), (gateway, event_id, received_at, expires_at))

/// A message to or from the gateway, or the request of an operation. The token is masked.
struct log_details {
  std::optional<std::string> key;
  std::optional<money> amount;
  std::optional<std::string> token;
  std::optional<std::string> transaction_id;
  std::optional<std::string> code;
  std::optional<std::string> detail;
  std::optional<std::string> requested_by = std::nullopt;  ///< "system", or the id of a user
  std::optional<std::string> reason = std::nullopt;
  std::optional<stoa::refund_id> refund_id = std::nullopt;
  std::optional<std::vector<refund_line>> lines = std::nullopt;  ///< of a refund
  std::optional<bool> restock = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(log_details, (),
                      (key, amount, token, transaction_id, code, detail, requested_by, reason,
                       refund_id, lines, restock))

/// A request to or response from the gateway; append-only.
struct payment_log_row {
  static constexpr const char* table = "payment_logs";
  static constexpr std::size_t key_columns = 1;
  stoa::log_id log_id;
  stoa::payment_id payment_id;
  std::string event;  ///< authorize_requested, authorize_approved, void_declined, ...
  log_details details;
  timestamp logged_at;
  std::int64_t seq = 0;  ///< number within the payment, from 1
};
BOOST_DESCRIBE_STRUCT(payment_log_row, (), (log_id, payment_id, event, details, logged_at, seq))

/// An order that was cancelled before its stock.reserved arrived: the events have different sources
/// and no order. Kept permanently, because a dead letter may be replayed at any time.
struct settled_order_row {
  static constexpr const char* table = "settled_orders";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::order_id order_id;
  timestamp settled_at;
};
BOOST_DESCRIBE_STRUCT(settled_order_row, (), (order_id, settled_at))

/// The movement of money that an entry of the ledger records.
enum class ledger_kind { capture, refund, refund_reversal, dispute };
BOOST_DESCRIBE_ENUM(ledger_kind, capture, refund, refund_reversal, dispute)

/// One posting of an entry in the double-entry ledger; append-only. The postings of an entry sum to
/// zero in each currency. An entry is posted once per payment and operation (unique).
struct ledger_posting_row {
  static constexpr const char* table = "ledger_postings";
  static constexpr std::size_t key_columns = 2;
  stoa::ledger_entry_id entry_id;
  std::int64_t line = 0;  ///< within the entry, from 1
  stoa::payment_id payment_id;
  std::string operation;  ///< capture, refund:<refund_id>, dispute:<dispute_id>#<movement>, ...
  ledger_kind kind = ledger_kind::capture;
  std::string account;  ///< docs/gateways.md lists the accounts
  money amount;         ///< a debit if positive, a credit if negative
  timestamp posted_at;
};
BOOST_DESCRIBE_STRUCT(ledger_posting_row, (),
                      (entry_id, line, payment_id, operation, kind, account, amount, posted_at))

/// A dispute (chargeback) that the gateway has reported.
struct dispute_row {
  static constexpr const char* table = "payment_disputes";
  static constexpr std::size_t key_columns = 1;
  stoa::dispute_id dispute_id;
  stoa::payment_id payment_id;
  std::string gateway;
  std::string reference;  ///< the gateway's id; unique per gateway
  money amount;
  std::string reason;  ///< the gateway's: fraudulent, product_not_received, ...
  dispute_status status = dispute_status::Open;
  bool funds_withdrawn = false;         ///< the gateway has taken the amount from the balance
  std::int64_t movements = 0;           ///< number of its ledger entries
  std::optional<timestamp> respond_by;  ///< until when evidence can be submitted
  timestamp opened_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(dispute_row, (),
                      (dispute_id, payment_id, gateway, reference, amount, reason, status,
                       funds_withdrawn, movements, respond_by, opened_at, updated_at, version))

/// A payment whose refunds and disputes must be read from the gateway, because they have changed
/// there. Deleted when they have been read.
struct review_row {
  static constexpr const char* table = "gateway_reviews";
  static constexpr std::size_t key_columns = 1;
  stoa::payment_id payment_id;
  std::int64_t events = 1;    ///< changes at the gateway since the review began
  std::int64_t attempts = 0;  ///< consecutive reviews without a result
  timestamp next_attempt_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(review_row, (), (payment_id, events, attempts, next_attempt_at, version))

using payment_records =
    db::unit_of_work<instrument_row, payment_row, attempt_row, refund_row, payment_log_row,
                     settled_order_row, gateway_event_row, ledger_posting_row, dispute_row,
                     review_row, saved_method_row, gateway_customer_row, method_operation_row>;

}  // namespace stoa::payment
