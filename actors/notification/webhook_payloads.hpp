#pragma once
// The bodies of webhooks: the public form of events, separate from the events between services,
// which may get new types. A payload version never changes, except for members that are added.
// Their bytes are in tests/unit/webhook_payloads_test.cpp.

#include "actors/catalog/catalog_events.hpp"
#include "actors/order/order_events.hpp"
#include "actors/payment/payment_events.hpp"
#include "storage/notification/webhook.hpp"

#include <boost/mp11.hpp>

#include <array>
#include <string>
#include <string_view>

namespace stoa::notification {

/// The payload version of new endpoints.
inline constexpr std::int64_t webhook_payload_version = 1;

inline constexpr std::string_view webhook_test_type = "webhook.test";

/// The events that endpoints can receive. Those of payments are not part of a purchase that
/// succeeds at once, which therefore costs no further delivery.
using webhook_events = boost::mp11::mp_list<
    order::order_confirmed, order::order_payment_awaited, order::order_cancelled,
    order::order_shipped, order::order_delivered, order::order_refunded, payment::payment_failed,
    payment::payment_capture_declined, payment::payment_refund_reversed,
    payment::payment_dispute_opened, payment::payment_dispute_closed, catalog::stock_low>;

/// A type of event that endpoints can receive.
struct webhook_event_type {
  std::string_view name;
  std::string_view summary;
};
template <class... E>
constexpr std::array<webhook_event_type, sizeof...(E)> event_types_of(boost::mp11::mp_list<E...>) {
  return {webhook_event_type{E::name, E::summary}...};
}
inline constexpr auto webhook_event_types = event_types_of(webhook_events{});
bool is_webhook_event_type(std::string_view type);

struct webhook_order_line {
  static constexpr std::string_view schema_name = "webhook_order_line";
  stoa::product_id product_id;
  std::string name;
  std::optional<std::string> sku;
  std::vector<order::item_option> options;
  std::int64_t quantity = 0;
  money line_total;
  std::optional<std::string> note = std::nullopt;
  std::optional<line_properties> properties = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(webhook_order_line, (),
                      (product_id, name, sku, options, quantity, line_total, note, properties))

struct webhook_order {
  static constexpr std::string_view schema_name = "webhook_order";
  stoa::order_id order_id;
  std::string order_number;
  std::optional<stoa::user_id> user_id;
  std::string email;
  std::string customer_name;
  std::optional<std::string> phone;
  std::optional<std::string> locale;
  std::vector<webhook_order_line> lines;
  std::vector<price_part> price_parts;
  money total;
  std::optional<money> amount_due;
  std::optional<std::string> note = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(webhook_order, (),
                      (order_id, order_number, user_id, email, customer_name, phone, locale, lines,
                       price_parts, total, amount_due, note))

/// `data` of order.confirmed, order.shipped and order.delivered.
struct webhook_order_data {
  static constexpr std::string_view schema_name = "webhook_order_data";
  webhook_order order;
};
BOOST_DESCRIBE_STRUCT(webhook_order_data, (), (order))

struct webhook_cancellation_data {
  static constexpr std::string_view schema_name = "webhook_cancellation_data";
  webhook_order order;
  std::string code;
  std::string reason;
  std::optional<std::string> failure_code;
  static constexpr json::rule rules[] = {{.field = "code",
                                          .description = "Why the order was cancelled.",
                                          .one_of = order::cancel_codes}};
};
BOOST_DESCRIBE_STRUCT(webhook_cancellation_data, (), (order, code, reason, failure_code))

/// Units of a line of the order that are refunded.
struct webhook_refund_line {
  static constexpr std::string_view schema_name = "webhook_refund_line";
  stoa::order_item_id order_item_id;
  stoa::product_id product_id;
  std::string name;
  std::optional<std::string> sku;
  std::int64_t quantity = 0;
  money amount;
  std::optional<line_properties> properties;
};
BOOST_DESCRIBE_STRUCT(webhook_refund_line, (),
                      (order_item_id, product_id, name, sku, quantity, amount, properties))

struct webhook_refund_data {
  static constexpr std::string_view schema_name = "webhook_refund_data";
  webhook_order order;
  money amount;
  std::optional<stoa::refund_id> refund_id;
  std::optional<std::vector<webhook_refund_line>> lines;  ///< absent: only an amount
  std::optional<money> shipping_amount;
  std::optional<bool> restock;
};
BOOST_DESCRIBE_STRUCT(webhook_refund_data, (),
                      (order, amount, refund_id, lines, shipping_amount, restock))

struct webhook_awaited_data {
  static constexpr std::string_view schema_name = "webhook_awaited_data";
  webhook_order order;
  timestamp pay_until;
  std::string instructions;
};
BOOST_DESCRIBE_STRUCT(webhook_awaited_data, (), (order, pay_until, instructions))

/// `data` of payment.failed and payment.capture_declined.
struct webhook_payment_data {
  static constexpr std::string_view schema_name = "webhook_payment_data";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string order_number;
  std::string code;
};
BOOST_DESCRIBE_STRUCT(webhook_payment_data, (), (payment_id, order_id, order_number, code))

struct webhook_reversal_data {
  static constexpr std::string_view schema_name = "webhook_reversal_data";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string order_number;
  money amount;
  std::string code;
};
BOOST_DESCRIBE_STRUCT(webhook_reversal_data, (), (payment_id, order_id, order_number, amount, code))

/// `data` of payment.dispute_opened and payment.dispute_closed.
struct webhook_dispute_data {
  static constexpr std::string_view schema_name = "webhook_dispute_data";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string order_number;
  std::string reference;
  money amount;
  std::optional<std::string> reason;                     ///< when it is opened
  std::optional<timestamp> respond_by;                   ///< when it is opened
  std::optional<stoa::payment::dispute_status> outcome;  ///< when it is closed
};
BOOST_DESCRIBE_STRUCT(webhook_dispute_data, (),
                      (payment_id, order_id, order_number, reference, amount, reason, respond_by,
                       outcome))

/// `data` of stock.low.
struct webhook_stock_data {
  static constexpr std::string_view schema_name = "webhook_stock_data";
  stoa::product_id product_id;
  std::int64_t available = 0;
  std::int64_t threshold = 0;
};
BOOST_DESCRIBE_STRUCT(webhook_stock_data, (), (product_id, available, threshold))

struct webhook_test_data {
  static constexpr std::string_view schema_name = "webhook_test_data";
  std::string webhook_id;
};
BOOST_DESCRIBE_STRUCT(webhook_test_data, (), (webhook_id))

webhook_order_data webhook_data_of(const order::order_confirmed& e);
webhook_order_data webhook_data_of(const order::order_shipped& e);
webhook_order_data webhook_data_of(const order::order_delivered& e);
webhook_cancellation_data webhook_data_of(const order::order_cancelled& e);
webhook_refund_data webhook_data_of(const order::order_refunded& e);
webhook_awaited_data webhook_data_of(const order::order_payment_awaited& e);
webhook_payment_data webhook_data_of(const payment::payment_failed& e);
webhook_payment_data webhook_data_of(const payment::payment_capture_declined& e);
webhook_reversal_data webhook_data_of(const payment::payment_refund_reversed& e);
webhook_dispute_data webhook_data_of(const payment::payment_dispute_opened& e);
webhook_dispute_data webhook_data_of(const payment::payment_dispute_closed& e);
webhook_stock_data webhook_data_of(const catalog::stock_low& e);

/// What such an event is about: an order, or a product. Its events are delivered in their order.
template <class E>
stoa::webhook_subject_id subject_of_event(const E& e) {
  if constexpr (requires { e.order.order_id; }) {
    return {e.order.order_id.value};
  } else if constexpr (requires { e.order_id; }) {
    return {e.order_id.value};
  } else {
    return {e.product_id.value};
  }
}

/// The document that is sent, as JSON (Standard Webhooks 1.0: type, timestamp, data). `data` is
/// JSON.
std::string webhook_body(std::string_view type, timestamp at, const std::string& data);

}  // namespace stoa::notification
