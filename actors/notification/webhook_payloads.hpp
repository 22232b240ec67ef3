#pragma once
// The bodies of webhooks: the public form of events, separate from the events between services,
// which may get new types. A payload version never changes, except for members that are added.
// Their bytes are in tests/unit/webhook_payloads_test.cpp.

#include "actors/order/order_events.hpp"

#include <array>
#include <string>
#include <string_view>

namespace stoa::notification {

/// The payload version of new endpoints.
inline constexpr std::int64_t webhook_payload_version = 1;

inline constexpr std::string_view webhook_test_type = "webhook.test";

/// A type of event that endpoints can receive.
struct webhook_event_type {
  std::string_view name;
  std::string_view summary;
};
inline constexpr std::array webhook_event_types{
    webhook_event_type{order::order_confirmed::name, order::order_confirmed::summary},
    webhook_event_type{order::order_cancelled::name, order::order_cancelled::summary},
    webhook_event_type{order::order_shipped::name, order::order_shipped::summary},
    webhook_event_type{order::order_delivered::name, order::order_delivered::summary},
    webhook_event_type{order::order_refunded::name, order::order_refunded::summary},
};
bool is_webhook_event_type(std::string_view type);

struct webhook_order_line {
  static constexpr std::string_view schema_name = "webhook_order_line";
  stoa::product_id product_id;
  std::string name;
  std::optional<std::string> sku;
  std::vector<order::item_option> options;
  std::int64_t quantity = 0;
  money line_total;
};
BOOST_DESCRIBE_STRUCT(webhook_order_line, (),
                      (product_id, name, sku, options, quantity, line_total))

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
};
BOOST_DESCRIBE_STRUCT(webhook_order, (),
                      (order_id, order_number, user_id, email, customer_name, phone, locale, lines,
                       price_parts, total))

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

struct webhook_refund_data {
  static constexpr std::string_view schema_name = "webhook_refund_data";
  webhook_order order;
  money amount;
};
BOOST_DESCRIBE_STRUCT(webhook_refund_data, (), (order, amount))

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

/// The document that is sent, as JSON (Standard Webhooks 1.0: type, timestamp, data). `data` is
/// JSON.
std::string webhook_body(std::string_view type, timestamp at, const std::string& data);

}  // namespace stoa::notification
