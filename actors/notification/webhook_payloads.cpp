#include "actors/notification/webhook_payloads.hpp"

#include "storage/base/json_write.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

struct webhook_document {
  std::string type;
  stoa::timestamp timestamp;
  json::raw data;
};
BOOST_DESCRIBE_STRUCT(webhook_document, (), (type, timestamp, data))

webhook_order order_of(const order::order_summary& s) {
  webhook_order o{s.order_id, s.order_number, s.user_id, s.email,       s.customer_name,
                  s.phone,    s.locale,       {},        s.price_parts, s.total};
  for (const auto& l : s.lines) {
    o.lines.push_back({l.product_id, l.name, l.sku, l.options, l.quantity, l.line_total});
  }
  return o;
}

}  // namespace

bool is_webhook_event_type(std::string_view type) {
  return std::ranges::find(webhook_event_types, type, &webhook_event_type::name) !=
         webhook_event_types.end();
}

webhook_order_data webhook_data_of(const order::order_confirmed& e) {
  return {order_of(e.order)};
}
webhook_order_data webhook_data_of(const order::order_shipped& e) {
  return {order_of(e.order)};
}
webhook_order_data webhook_data_of(const order::order_delivered& e) {
  return {order_of(e.order)};
}
webhook_cancellation_data webhook_data_of(const order::order_cancelled& e) {
  return {order_of(e.order), e.code, e.reason, e.failure_code};
}
webhook_refund_data webhook_data_of(const order::order_refunded& e) {
  return {order_of(e.order), e.amount};
}

std::string webhook_body(std::string_view type, timestamp at, const std::string& data) {
  return json::write(webhook_document{std::string(type), at, {data}});
}

}  // namespace stoa::notification
