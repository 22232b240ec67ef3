#pragma once
// The events of the Payment service.

#include "storage/base/describe.hpp"
#include "storage/base/money.hpp"
#include "storage/base/redemption.hpp"
#include "storage/base/refund_line.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"
#include "storage/payment/dispute_status.hpp"

#include <optional>
#include <vector>

namespace stoa::payment {

/// The customer must act (3-D Secure, a redirect) before the gateway decides. The URL is stored
/// only by the Payment service.
struct payment_action_required {
  static constexpr std::string_view name = "payment.action_required";
  static constexpr std::string_view summary =
      "The customer must act before the payment is decided.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(payment_action_required, (), (payment_id, order_id))

/// A payment that staff confirm when the money has arrived. With `pay_until` the order waits for
/// it, and is cancelled then; without, it is paid on delivery, and this confirms the order.
struct payment_awaited {
  static constexpr std::string_view name = "payment.awaited";
  static constexpr std::string_view summary = "A payment is awaited, which staff confirm.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string payment_method;
  money amount;
  std::optional<timestamp> pay_until;
  std::string instructions;  ///< for the customer
};
BOOST_DESCRIBE_STRUCT(payment_awaited, (),
                      (payment_id, order_id, payment_method, amount, pay_until, instructions))

/// The amount is reserved, and captured when the order is shipped or by staff. Confirms the order.
struct payment_authorized {
  static constexpr std::string_view name = "payment.authorized";
  static constexpr std::string_view summary = "The amount is reserved, and captured later.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  money amount;
  std::optional<bool> capture_at_shipment = std::nullopt;  ///< absent: captured by staff
};
BOOST_DESCRIBE_STRUCT(payment_authorized, (), (payment_id, order_id, amount, capture_at_shipment))

/// The amount is captured.
struct payment_completed {
  static constexpr std::string_view name = "payment.completed";
  static constexpr std::string_view summary = "The amount is captured.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  money amount;
};
BOOST_DESCRIBE_STRUCT(payment_completed, (), (payment_id, order_id, amount))

/// The gateway has declined to capture the authorised amount, or the authorisation has expired.
struct payment_capture_declined {
  static constexpr std::string_view name = "payment.capture_declined";
  static constexpr std::string_view summary = "The capture of an authorised amount was declined.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string code;    ///< the gateway's; canceled: the authorisation has ended
  std::string detail;  ///< human-readable
  /// Of order.shipment_requested; 0: staff have requested the capture. Absent in events of earlier
  /// versions.
  std::optional<std::int64_t> shipment = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(payment_capture_declined, (), (payment_id, order_id, code, detail, shipment))

struct payment_failed {
  static constexpr std::string_view name = "payment.failed";
  static constexpr std::string_view summary = "The gateway has declined a payment permanently.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string code;    ///< the gateway's: card_declined, insufficient_funds, ...
  std::string detail;  ///< human-readable
};
BOOST_DESCRIBE_STRUCT(payment_failed, (), (payment_id, order_id, code, detail))

/// A refund has succeeded; `amount` is that of the refund, with what returns to gift cards and
/// store credit.
struct payment_refunded {
  static constexpr std::string_view name = "payment.refunded";
  static constexpr std::string_view summary = "A refund of a payment has succeeded.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  money amount;
  std::optional<stoa::refund_id> refund_id = std::nullopt;
  std::optional<std::vector<refund_line>> lines = std::nullopt;  ///< absent: only an amount
  std::optional<money> shipping_amount = std::nullopt;
  std::optional<bool> restock = std::nullopt;
  /// What of the amount the Pricing service returns; absent: nothing.
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(payment_refunded, (),
                      (payment_id, order_id, amount, refund_id, lines, shipping_amount, restock,
                       credits))

/// The gateway has reversed a refund that had succeeded, for example because the customer's account
/// is closed; the store has the amount again.
struct payment_refund_reversed {
  static constexpr std::string_view name = "payment.refund_reversed";
  static constexpr std::string_view summary =
      "The gateway has reversed a refund that had succeeded.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  money amount;
  std::string code;  ///< the gateway's
};
BOOST_DESCRIBE_STRUCT(payment_refund_reversed, (), (payment_id, order_id, amount, code))

/// The customer disputes a payment at the bank.
struct payment_dispute_opened {
  static constexpr std::string_view name = "payment.dispute_opened";
  static constexpr std::string_view summary = "A customer disputes a payment at the bank.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string reference;  ///< the gateway's id of the dispute
  money amount;
  std::string reason;  ///< the gateway's: fraudulent, product_not_received, ...
  std::optional<timestamp> respond_by;
};
BOOST_DESCRIBE_STRUCT(payment_dispute_opened, (),
                      (payment_id, order_id, reference, amount, reason, respond_by))

/// A dispute is decided; `outcome` is Won, Lost or Closed.
struct payment_dispute_closed {
  static constexpr std::string_view name = "payment.dispute_closed";
  static constexpr std::string_view summary = "A dispute about a payment is decided.";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string reference;
  money amount;
  dispute_status outcome = dispute_status::Closed;
};
BOOST_DESCRIBE_STRUCT(payment_dispute_closed, (),
                      (payment_id, order_id, reference, amount, outcome))

}  // namespace stoa::payment
