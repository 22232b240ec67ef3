#pragma once
// What can be asked of the Payment service, what it answers, and what it asks of the gateway.

#include "actors/kernel/message.hpp"
#include "actors/payment/gateway.hpp"
#include "storage/payment/payment.hpp"

namespace stoa::payment {

// --- answers -------------------------------------------------------------------------------------

/// A payment as the API shows it; the token stays here.
struct payment_view {
  static constexpr std::string_view schema_name = "payment";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::optional<stoa::user_id> user_id;
  std::string payment_method;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(payment_view, (),
                      (payment_id, order_id, user_id, payment_method, amount, status,
                       refunded_amount, transaction_id, failure_code, created_at, updated_at))

struct payment_page {
  static constexpr std::string_view schema_name = "payment_list";
  std::vector<payment_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, where it was asked for
};
BOOST_DESCRIBE_STRUCT(payment_page, (), (data, next_cursor, total))

struct payment_log_view {
  static constexpr std::string_view schema_name = "payment_log";
  stoa::log_id log_id;
  std::string event;
  log_details details;
  timestamp logged_at;
};
BOOST_DESCRIBE_STRUCT(payment_log_view, (), (log_id, event, details, logged_at))

/// A payment with what was said to and by the gateway, for staff.
struct payment_detail_view {
  static constexpr std::string_view schema_name = "payment_detail";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::optional<stoa::user_id> user_id;
  std::string payment_method;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  open_effect effect = open_effect::None;
  std::int64_t attempts = 0;
  std::optional<timestamp> next_attempt_at;  ///< while something is open at the gateway
  timestamp created_at;
  timestamp updated_at;
  std::vector<payment_log_view> logs;
};
BOOST_DESCRIBE_STRUCT(payment_detail_view, (),
                      (payment_id, order_id, user_id, payment_method, amount, status,
                       refunded_amount, transaction_id, failure_code, effect, attempts,
                       next_attempt_at, created_at, updated_at, logs))

// --- commands ------------------------------------------------------------------------------------

/// Stores what an order is going to be paid with; the owner is the caller. The same id again
/// changes nothing: callers derive it from the request, so that a repeat stores no second one.
struct store_instrument {
  static constexpr std::string_view name = "payment.store_instrument";
  using reply = kernel::nothing;
  stoa::instrument_id instrument_id;
  stoa::order_id order_id;     ///< the order to be placed
  std::string payment_method;  ///< "card"
  std::string sealed_token;    ///< encrypted for payment_effects
  std::string token_hint;
  /// The order's partition, whose writer takes the instrument over.
  static constexpr auto route = &store_instrument::order_id;
};
BOOST_DESCRIBE_STRUCT(store_instrument, (),
                      (instrument_id, order_id, payment_method, sealed_token, token_hint))

/// What came of a call to the gateway.
struct gateway_result {
  static constexpr std::string_view name = "payment.gateway_result";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  open_effect operation = open_effect::None;
  std::string key;
  gateway_answer answer;
  /// The order's partition: what becomes of a payment is told as an event of its order.
  static constexpr auto route = &gateway_result::order_id;
};
BOOST_DESCRIBE_STRUCT(gateway_result, (), (payment_id, order_id, operation, key, answer))

/// Starts the open effect again when its time has come; `starting`: whatever its time (after a
/// restart nothing is under way any more).
struct retry_payment {
  static constexpr std::string_view name = "payment.retry";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
  bool starting = false;
};
BOOST_DESCRIBE_STRUCT(retry_payment, (), (payment_id, starting))

// --- effects
// ---------------------------------------------------------------------------------------

/// Calls the gateway. `key` makes a repeat harmless and is the same in each.
struct call_gateway {
  static constexpr std::string_view name = "payment.call_gateway";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  open_effect operation = open_effect::None;
  std::string key;
  std::string charge_key;  ///< of the charge to cancel or refund
  money amount;
  std::string sealed_token;  ///< of a charge
};

// --- queries -------------------------------------------------------------------------------------

/// An order's payments, on one page. Who may see them is the order's matter: ask the Order service
/// first.
struct get_order_payments {
  static constexpr std::string_view name = "payment.of_order";
  using reply = payment_page;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(get_order_payments, (), (order_id))

/// All payments, newest first; staff only.
struct list_payments_query {
  static constexpr std::string_view name = "payment.list";
  using reply = payment_page;
  std::optional<payment_status> status;
  std::optional<stoa::payment_id> before;
  std::int64_t limit = 20;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_payments_query, (), (status, before, limit, count))

/// The payments of several orders, on one page: orders_max at most. Who may see them is the orders'
/// matter here, too.
struct get_orders_payments {
  static constexpr std::string_view name = "payment.of_orders";
  using reply = payment_page;
  static constexpr std::size_t orders_max = 100;
  std::vector<stoa::order_id> order_ids;
};
BOOST_DESCRIBE_STRUCT(get_orders_payments, (), (order_ids))

/// One payment with its log; staff only.
struct get_payment {
  static constexpr std::string_view name = "payment.get";
  using reply = payment_detail_view;
  stoa::payment_id payment_id;
};
BOOST_DESCRIBE_STRUCT(get_payment, (), (payment_id))

}  // namespace stoa::payment
