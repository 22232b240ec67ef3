#pragma once
// The Payment service's records.

#include "storage/base/instrument_id.hpp"
#include "storage/db/records.hpp"

namespace stoa::payment {

enum class payment_status { Pending, Completed, Failed, Refunded };
BOOST_DESCRIBE_ENUM(payment_status, Pending, Completed, Failed, Refunded)

/// What is open at the gateway: asked for, or to be asked for, and not answered yet.
enum class open_effect { None, Charge, Cancel, Refund };
BOOST_DESCRIBE_ENUM(open_effect, None, Charge, Cancel, Refund)

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

/// One payment an order. The gateway knows it by the key `payment_id`.
struct payment_row {
  static constexpr const char* table = "payments";
  static constexpr std::size_t key_columns = 1;
  stoa::payment_id payment_id;
  stoa::order_id order_id;               ///< unique
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  std::string payment_method;            ///< "card"; "unknown" without an instrument
  std::string sealed_token;              ///< encrypted; empty once the charge is settled
  std::string token_hint;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;
  std::optional<std::string> transaction_id;  ///< the gateway's, of the charge
  std::optional<std::string> failure_code;
  bool order_cancelled = false;  ///< the order is off: what was or will be paid is given back
  open_effect effect = open_effect::None;
  std::int64_t attempts = 0;  ///< answers `unknown` in a row to the open effect
  timestamp next_attempt_at;  ///< when the sweep starts the open effect again
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::int64_t log_rows = 0;  ///< that are numbered
};
BOOST_DESCRIBE_STRUCT(payment_row, (),
                      (payment_id, order_id, user_id, payment_method, sealed_token, token_hint,
                       amount, status, refunded_amount, transaction_id, failure_code,
                       order_cancelled, effect, attempts, next_attempt_at, created_at, updated_at,
                       version, log_rows))

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
  std::string event;  ///< charge_requested, charge_approved, cancel_declined, refund_unknown, ...
  log_details details;
  timestamp logged_at;
  /// Its number in the payment, from 1. None of earlier versions: these come first.
  std::optional<std::int64_t> seq = std::nullopt;
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

using payment_records =
    db::unit_of_work<instrument_row, payment_row, payment_log_row, settled_order_row>;

}  // namespace stoa::payment
