#pragma once
// The queries of the reconciliation with a gateway, and its report.

#include "actors/kernel/message.hpp"
#include "actors/payment/gateway_activity.hpp"
#include "storage/payment/payment.hpp"

namespace stoa::payment {

/// A payment as it is recorded here.
struct recorded_payment {
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string transaction_id;  ///< empty if the gateway has not reported it
  payment_status status = payment_status::Pending;
  money amount;
  bool in_progress = false;  ///< an operation is open at the gateway
  /// The gateway's id of a capture that is a separate transaction.
  std::optional<std::string> capture_id = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(recorded_payment, (),
                      (payment_id, order_id, transaction_id, status, amount, in_progress,
                       capture_id))

struct recorded_refund {
  stoa::refund_id refund_id;
  stoa::payment_id payment_id;
  std::string transaction_id;
  refund_status status = refund_status::Pending;
  money amount;
};
BOOST_DESCRIBE_STRUCT(recorded_refund, (), (refund_id, payment_id, transaction_id, status, amount))

struct recorded_payments {
  std::vector<recorded_payment> data;
  std::optional<stoa::payment_id> next;  ///< of the next page
};
BOOST_DESCRIBE_STRUCT(recorded_payments, (), (data, next))

struct recorded_refunds {
  std::vector<recorded_refund> data;
  bool is_complete = true;
};
BOOST_DESCRIBE_STRUCT(recorded_refunds, (), (data, is_complete))

struct recorded_page {
  std::vector<recorded_payment> payments;
  std::vector<recorded_refund> refunds;  ///< of these payments
};
BOOST_DESCRIBE_STRUCT(recorded_page, (), (payments, refunds))

/// A gateway's payments of orders placed in [from, to), by pages; staff only.
struct list_recorded_payments {
  static constexpr std::string_view name = "payment.recorded_payments";
  using reply = recorded_payments;
  static constexpr std::size_t page_rows = 500;
  std::string gateway;
  timestamp from;
  timestamp to;
  std::optional<stoa::payment_id> after;
};
BOOST_DESCRIBE_STRUCT(list_recorded_payments, (), (gateway, from, to, after))

/// The refunds of a gateway's payments, created in [from, to), at most rows_max; staff only.
struct list_recorded_refunds {
  static constexpr std::string_view name = "payment.recorded_refunds";
  using reply = recorded_refunds;
  static constexpr std::size_t rows_max = 5000;
  std::string gateway;
  timestamp from;
  timestamp to;
};
BOOST_DESCRIBE_STRUCT(list_recorded_refunds, (), (gateway, from, to))

/// The payments with these ids or references of the gateway, and their refunds; staff only.
struct get_recorded {
  static constexpr std::string_view name = "payment.recorded";
  using reply = recorded_page;
  static constexpr std::size_t ids_max = 100;  ///< of both kinds together
  std::string gateway;
  std::vector<stoa::payment_id> payment_ids;
  std::vector<std::string> transaction_ids;
};
BOOST_DESCRIBE_STRUCT(get_recorded, (), (gateway, payment_ids, transaction_ids))

// --- the report ----------------------------------------------------------------------------------

enum class difference_kind { missing_here, missing_at_gateway, amount_differs, status_differs };
BOOST_DESCRIBE_ENUM(difference_kind, missing_here, missing_at_gateway, amount_differs,
                    status_differs)

enum class reconciled_object { payment, refund };
BOOST_DESCRIBE_ENUM(reconciled_object, payment, refund)

struct reconciled_side {
  static constexpr std::string_view schema_name = "reconciled_side";
  std::string status;
  money amount;
};
BOOST_DESCRIBE_STRUCT(reconciled_side, (), (status, amount))

struct difference_view {
  static constexpr std::string_view schema_name = "reconciliation_difference";
  difference_kind kind = difference_kind::missing_here;
  reconciled_object object = reconciled_object::payment;
  std::optional<std::string> payment_id;  ///< as the gateway states it if it is missing here
  std::optional<stoa::refund_id> refund_id;
  std::optional<std::string> transaction_id;
  std::optional<reconciled_side> here;
  std::optional<reconciled_side> at_gateway;
};
BOOST_DESCRIBE_STRUCT(difference_view, (),
                      (kind, object, payment_id, refund_id, transaction_id, here, at_gateway))

struct reconciled_totals {
  static constexpr std::string_view schema_name = "reconciliation_totals";
  std::int64_t payments = 0;    ///< captured ones
  std::vector<money> captured;  ///< their amounts, by currency
  std::int64_t refunds = 0;     ///< successful ones
  std::vector<money> refunded;
};
BOOST_DESCRIBE_STRUCT(reconciled_totals, (), (payments, captured, refunds, refunded))

struct reconciliation_view {
  static constexpr std::string_view schema_name = "reconciliation";
  static constexpr std::size_t differences_max = 1000;
  std::string gateway;
  timestamp from;
  timestamp to;
  reconciled_totals here;
  reconciled_totals at_gateway;
  std::int64_t in_progress = 0;              ///< payments with an operation that is open
  std::int64_t not_of_this_store = 0;        ///< the gateway's records without a payment's id
  std::int64_t difference_count = 0;         ///< including those that are not listed
  std::vector<difference_view> differences;  ///< at most differences_max
};
BOOST_DESCRIBE_STRUCT(reconciliation_view, (),
                      (gateway, from, to, here, at_gateway, in_progress, not_of_this_store,
                       difference_count, differences))

}  // namespace stoa::payment
