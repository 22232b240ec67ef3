#pragma once
// The Payment service's records.

#include "storage/base/instrument_id.hpp"
#include "storage/db/records.hpp"

namespace stoa {

using refund_id = id<struct refund_tag>;

}  // namespace stoa

namespace stoa::payment {

/// The transitions between them are in actors/payment/payment_rules.hpp.
enum class payment_status {
  Pending,
  RequiresAction,  ///< the customer must act, for example confirm the payment at the bank
  Authorized,      ///< the amount is reserved on the card and not captured yet
  Completed,       ///< captured
  PartiallyRefunded,
  Refunded,
  Voided,  ///< an authorisation that was released without a capture
  Failed
};
BOOST_DESCRIBE_ENUM(payment_status, Pending, RequiresAction, Authorized, Completed,
                    PartiallyRefunded, Refunded, Voided, Failed)

/// When an authorised amount is captured.
enum class capture_method {
  automatic,  ///< by the request that authorises it
  manual      ///< by a request of its own, at the command of staff
};
BOOST_DESCRIBE_ENUM(capture_method, automatic, manual)

/// The operation that is open at the gateway: requested, or to be requested, and not answered yet.
/// One at a time for each payment. With automatic capture, Authorize captures too.
enum class open_effect { None, Authorize, Capture, Void, Refund };
BOOST_DESCRIBE_ENUM(open_effect, None, Authorize, Capture, Void, Refund)

/// What a customer pays with, stored before the order is placed. Deleted when the order's payment
/// takes the token over, or when it expires unused. The token is encrypted: only the edge, which
/// receives it, and the effect that calls the gateway know it in plain text.
struct instrument_row {
  static constexpr const char* table = "instruments";
  static constexpr std::size_t key_columns = 1;
  stoa::instrument_id instrument_id;
  std::optional<stoa::user_id> user_id;  ///< its owner; none for a guest
  std::string payment_method;            ///< "card"
  std::string sealed_token;
  std::string token_hint;  ///< enough of the token to recognise it, not enough to use it
  timestamp created_at;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(instrument_row, (),
                      (instrument_id, user_id, payment_method, sealed_token, token_hint, created_at,
                       expires_at))

/// One payment an order. The gateway knows its authorisation by the key `payment_id`.
struct payment_row {
  static constexpr const char* table = "payments";
  static constexpr std::size_t key_columns = 1;
  stoa::payment_id payment_id;
  stoa::order_id order_id;               ///< unique
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  std::string payment_method;            ///< "card"; "unknown" without an instrument
  std::string gateway;  ///< registered name of the gateway that all its requests go to
  capture_method capture = capture_method::automatic;
  std::string sealed_token;  ///< encrypted; empty once the authorisation is settled
  std::string token_hint;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;       ///< the sum of its refunds that succeeded
  std::optional<std::string> transaction_id;  ///< the gateway's, of the authorisation
  std::optional<std::string> failure_code;    ///< of the last operation that was declined
  std::optional<std::string> action_url;      ///< in RequiresAction: where the customer confirms it
  bool order_cancelled = false;               ///< what was or will be captured is refunded
  open_effect effect = open_effect::None;
  std::int64_t attempts = 0;      ///< answers `unknown` in a row to the open effect
  std::int64_t attempt_rows = 0;  ///< number of its last attempt_row; that of the open effect
  std::int64_t refund_rows = 0;   ///< number of its refunds
  timestamp next_attempt_at;      ///< when the sweep starts the open effect again
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::int64_t log_rows = 0;  ///< that are numbered
};
BOOST_DESCRIBE_STRUCT(payment_row, (),
                      (payment_id, order_id, user_id, payment_method, gateway, capture,
                       sealed_token, token_hint, amount, status, refunded_amount, transaction_id,
                       failure_code, action_url, order_cancelled, effect, attempts, attempt_rows,
                       refund_rows, next_attempt_at, created_at, updated_at, version, log_rows))

/// `accepted`: the gateway has taken the request and will decide it later; it is polled.
enum class attempt_state { pending, accepted, succeeded, declined, abandoned };
BOOST_DESCRIBE_ENUM(attempt_state, pending, accepted, succeeded, declined, abandoned)

/// One request to a gateway under its own idempotency key, however often it is repeated.
struct attempt_row {
  static constexpr const char* table = "payment_attempts";
  static constexpr std::size_t key_columns = 2;
  stoa::payment_id payment_id;
  std::int64_t number = 0;  ///< in the payment, from 1
  open_effect operation = open_effect::None;
  std::string gateway;
  std::string gateway_key;  ///< its idempotency key; of a void, the key of what it voids
  money amount;
  attempt_state state = attempt_state::pending;
  std::int64_t calls = 0;                      ///< requests and polls sent
  std::optional<std::string> transaction_id;   ///< the gateway's reference
  std::optional<std::string> code;             ///< why it was declined, or not answered yet
  std::optional<stoa::refund_id> refund_id{};  ///< of a refund
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(attempt_row, (),
                      (payment_id, number, operation, gateway, gateway_key, amount, state, calls,
                       transaction_id, code, refund_id, created_at, updated_at, version))

enum class refund_status { Pending, Succeeded, Declined };
BOOST_DESCRIBE_ENUM(refund_status, Pending, Succeeded, Declined)

/// A refund. All that are not Declined count against the captured amount. A declined one is
/// retried under a new key.
struct refund_row {
  static constexpr const char* table = "payment_refunds";
  static constexpr std::size_t key_columns = 1;
  stoa::refund_id refund_id;  ///< the payment's id for the refund of a cancelled order
  stoa::payment_id payment_id;
  money amount;
  std::string reason;
  std::string requested_by;  ///< "system", or the id of staff
  refund_status status = refund_status::Pending;
  std::int64_t tries = 1;  ///< keys used: each is an attempt
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(refund_row, (),
                      (refund_id, payment_id, amount, reason, requested_by, status, tries,
                       transaction_id, failure_code, created_at, updated_at, version))

/// A gateway's webhook event that was applied: a repeat changes nothing while the row is kept.
struct gateway_event_row {
  static constexpr const char* table = "gateway_events";
  static constexpr std::size_t key_columns = 2;
  std::string gateway;
  std::string event_id;  ///< the gateway's
  timestamp received_at;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(gateway_event_row, (), (gateway, event_id, received_at, expires_at))

/// What was said to or by the gateway. The token is masked.
struct log_details {
  std::optional<std::string> key;
  std::optional<money> amount;
  std::optional<std::string> token;
  std::optional<std::string> transaction_id;
  std::optional<std::string> code;
  std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(log_details, (), (key, amount, token, transaction_id, code, detail))

/// One request to or answer from the gateway; only ever added.
struct payment_log_row {
  static constexpr const char* table = "payment_logs";
  static constexpr std::size_t key_columns = 1;
  stoa::log_id log_id;
  stoa::payment_id payment_id;
  std::string event;  ///< authorize_requested, authorize_approved, void_declined, ...
  log_details details;
  timestamp logged_at;
  std::int64_t seq = 0;  ///< its number in the payment, from 1
};
BOOST_DESCRIBE_STRUCT(payment_log_row, (), (log_id, payment_id, event, details, logged_at, seq))

/// An order that was cancelled before its stock.reserved came: the two events have different
/// sources, so either may be first. It stays: a dead letter may be replayed at any time.
struct settled_order_row {
  static constexpr const char* table = "settled_orders";
  static constexpr std::size_t key_columns = 1;
  stoa::order_id order_id;
  timestamp settled_at;
};
BOOST_DESCRIBE_STRUCT(settled_order_row, (), (order_id, settled_at))

using payment_records = db::unit_of_work<instrument_row, payment_row, attempt_row, refund_row,
                                         payment_log_row, settled_order_row, gateway_event_row>;

}  // namespace stoa::payment
