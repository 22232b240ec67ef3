#pragma once
// The events of the Order service. Never change a released event: add a new type. No event contains
// payment details, which only the Payment service stores.

#include "storage/base/describe.hpp"
#include "storage/base/instrument_id.hpp"
#include "storage/base/json.hpp"
#include "storage/base/line_properties.hpp"
#include "storage/base/location_id.hpp"
#include "storage/base/price_part.hpp"
#include "storage/base/refund_line.hpp"
#include "storage/base/time.hpp"
#include "storage/order/item_option.hpp"

#include <optional>
#include <vector>

namespace stoa::order {

/// Why an order was cancelled: it was sold out, a promotion could not be redeemed any more, its
/// payment was declined, its customer or staff cancelled it, or it was not paid in time.
inline constexpr std::string_view cancel_codes =
    "stock_rejected redemption_rejected payment_failed customer staff timeout";

/// The reasons of cancellations that were requested without one.
inline constexpr std::string_view no_reason_of_customer = "Cancelled by the customer.";
inline constexpr std::string_view no_reason_of_store = "Cancelled by the store.";

struct event_line {
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money line_total;
  std::optional<stoa::cart_item_id> cart_item_id = std::nullopt;  ///< the cart's line
  std::optional<std::string> sku = std::nullopt;
  std::vector<item_option> options = {};
  std::optional<std::string> note = std::nullopt;  ///< of the customer
  std::optional<line_properties> properties = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(event_line, (),
                      (product_id, name, quantity, line_total, cart_item_id, sku, options, note,
                       properties))

/// The order's data for other services.
struct order_summary {
  stoa::order_id order_id;
  std::optional<stoa::user_id> user_id;
  stoa::cart_id cart_id;
  std::string email;
  std::string customer_name;
  std::vector<event_line> lines;
  money total;                    ///< of the lines and price_parts
  std::string order_number = {};  ///< in display form
  std::vector<price_part> price_parts = {};
  std::optional<std::string> phone = std::nullopt;
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
  /// What remains to be paid of the total after gift cards and store credit; absent without them.
  std::optional<money> amount_due = std::nullopt;
  std::optional<std::string> note = std::nullopt;  ///< of the customer
};
BOOST_DESCRIBE_STRUCT(order_summary, (),
                      (order_id, user_id, cart_id, email, customer_name, lines, total, order_number,
                       price_parts, phone, locale, amount_due, note))

/// A new order redeems promotions: order.placed follows once their uses are reserved. All its other
/// services learn of it then.
struct redemption_requested {
  static constexpr std::string_view name = "order.redemption_requested";
  static constexpr std::string_view summary =
      "An order redeems promotions; it is placed once their uses are reserved.";
  stoa::order_id order_id;
  std::string customer;  ///< pricing::customer_key_of()
  std::vector<redeemed_promotion> promotions;
  std::vector<redeemed_credit> credits;
};
BOOST_DESCRIBE_STRUCT(redemption_requested, (), (order_id, customer, promotions, credits))

/// The order that redeems promotions is confirmed.
struct redemption_confirmed {
  static constexpr std::string_view name = "order.redemption_confirmed";
  static constexpr std::string_view summary = "An order that redeems promotions is confirmed.";
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(redemption_confirmed, (), (order_id))

/// The order that redeems promotions is cancelled.
struct redemption_released {
  static constexpr std::string_view name = "order.redemption_released";
  static constexpr std::string_view summary =
      "An order that redeems promotions is cancelled; their uses are released.";
  stoa::order_id order_id;
  std::string customer;
  std::vector<redeemed_promotion> promotions;
  std::vector<redeemed_credit> credits;
};
BOOST_DESCRIBE_STRUCT(redemption_released, (), (order_id, customer, promotions, credits))

/// Where the goods of an order go, as far as it decides from which location they are taken.
struct delivery_place {
  static constexpr std::string_view schema_name = "delivery_place";
  std::string country;
  std::optional<std::string> state = std::nullopt;
  std::optional<stoa::location_id> location_id =
      std::nullopt;  ///< where the customer collects them
};
BOOST_DESCRIBE_STRUCT(delivery_place, (), (country, state, location_id))

/// A new order waits for stock and payment.
struct order_placed {
  static constexpr std::string_view name = "order.placed";
  static constexpr std::string_view summary = "An order was placed; stock and payment are pending.";
  order_summary order;
  stoa::instrument_id instrument_id;  ///< to charge; stored by payment.store_instrument
  std::optional<delivery_place> delivery = std::nullopt;  ///< absent in events of earlier versions
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (order, instrument_id, delivery))

/// The customer must act at the gateway before the order's outcome. A checkout that waits for the
/// outcome is answered.
struct order_action_required {
  static constexpr std::string_view name = "order.action_required";
  static constexpr std::string_view summary =
      "The customer must act before the order's payment is decided.";
  stoa::order_id order_id;
  std::optional<order_summary> order = std::nullopt;  ///< absent in events of earlier versions
};
BOOST_DESCRIBE_STRUCT(order_action_required, (), (order_id, order))

/// The customer must pay in another way than at a gateway, such as by bank transfer, until then.
/// The goods stay reserved, and the lines leave the cart. A checkout that waits for the outcome is
/// answered.
struct order_payment_awaited {
  static constexpr std::string_view name = "order.payment_awaited";
  static constexpr std::string_view summary =
      "The order waits for a payment that staff confirm, such as a bank transfer.";
  order_summary order;
  timestamp pay_until;
  std::string instructions;  ///< for the customer
};
BOOST_DESCRIBE_STRUCT(order_payment_awaited, (), (order, pay_until, instructions))

/// The order is paid, or will be paid on delivery: the reservation becomes a sale.
struct order_confirmed {
  static constexpr std::string_view name = "order.confirmed";
  static constexpr std::string_view summary = "The order is paid, or will be paid on delivery.";
  order_summary order;
};
BOOST_DESCRIBE_STRUCT(order_confirmed, (), (order))

/// The order is cancelled: its stock is released unless held for the cart, and a payment is
/// refunded.
struct order_cancelled {
  static constexpr std::string_view name = "order.cancelled";
  static constexpr std::string_view summary = "The order was cancelled; a payment is refunded.";
  order_summary order;
  std::string code;
  std::string reason;  ///< human-readable
  /// Until then the goods are held for the cart's next order.
  std::optional<timestamp> held_until = std::nullopt;
  /// With payment_failed: the payment's failure code.
  std::optional<std::string> failure_code = std::nullopt;
  static constexpr json::rule rules[] = {
      {.field = "code", .description = "Why the order was cancelled.", .one_of = cancel_codes}};
};
BOOST_DESCRIBE_STRUCT(order_cancelled, (), (order, code, reason, held_until, failure_code))

/// Staff ship an order whose payment is only authorised: the payment is captured first.
struct order_shipment_requested {
  static constexpr std::string_view name = "order.shipment_requested";
  static constexpr std::string_view summary =
      "The order is to be shipped; its payment is captured first.";
  stoa::order_id order_id;
  std::string requested_by;  ///< the id of the staff user
  /// The number of the request within the order, also when the event is repeated; absent in events
  /// of earlier versions.
  std::optional<std::int64_t> shipment = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(order_shipment_requested, (), (order_id, requested_by, shipment))

/// The payment could not be captured: the order is not shipped.
struct order_shipment_declined {
  static constexpr std::string_view name = "order.shipment_declined";
  static constexpr std::string_view summary =
      "The order was not shipped, since its payment could not be captured.";
  stoa::order_id order_id;
  std::string code;  ///< the gateway's
};
BOOST_DESCRIBE_STRUCT(order_shipment_declined, (), (order_id, code))

struct order_shipped {
  static constexpr std::string_view name = "order.shipped";
  static constexpr std::string_view summary = "The goods were shipped.";
  order_summary order;
};
BOOST_DESCRIBE_STRUCT(order_shipped, (), (order))

struct order_delivered {
  static constexpr std::string_view name = "order.delivered";
  static constexpr std::string_view summary = "The goods were delivered.";
  order_summary order;
};
BOOST_DESCRIBE_STRUCT(order_delivered, (), (order))

/// Part or all of the order's payment was refunded; `amount` is that of the refund.
struct order_refunded {
  static constexpr std::string_view name = "order.refunded";
  static constexpr std::string_view summary = "Part or all of the order's payment was refunded.";
  order_summary order;
  money amount;
  std::optional<stoa::refund_id> refund_id = std::nullopt;
  std::optional<std::vector<refund_line>> lines = std::nullopt;  ///< absent: only an amount
  std::optional<money> shipping_amount = std::nullopt;
  std::optional<bool> restock = std::nullopt;  ///< the units of the lines return to the stock
};
BOOST_DESCRIBE_STRUCT(order_refunded, (),
                      (order, amount, refund_id, lines, shipping_amount, restock))

}  // namespace stoa::order
