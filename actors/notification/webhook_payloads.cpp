#include "actors/notification/webhook_payloads.hpp"

#include "storage/base/json_write.hpp"
#include "storage/base/order_number.hpp"

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
  webhook_order o{s.order_id,      s.order_number, s.user_id,    s.email,
                  s.customer_name, s.phone,        s.locale,     {},
                  s.price_parts,   s.total,        s.amount_due, s.note};
  for (const auto& l : s.lines) {
    o.lines.push_back(
        {l.product_id, l.name, l.sku, l.options, l.quantity, l.line_total, l.note, l.properties});
  }
  return o;
}

std::string number_of(stoa::order_id id) {
  return to_display_number(order_number_of(id));
}

/// The SKU is that of the order's line.
webhook_refund_line line_of(const refund_line& l, const order::order_summary& order) {
  webhook_refund_line line{l.order_item_id, l.product_id, l.name,      {},
                           l.quantity,      l.amount,     l.properties};
  const auto ordered = std::ranges::find(order.lines, l.product_id, &order::event_line::product_id);
  if (ordered != order.lines.end()) line.sku = ordered->sku;
  return line;
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
  webhook_refund_data d{order_of(e.order), e.amount, e.refund_id, {}, e.shipping_amount, e.restock};
  if (!e.lines) return d;
  d.lines.emplace();
  for (const auto& l : *e.lines) d.lines->push_back(line_of(l, e.order));
  return d;
}
webhook_awaited_data webhook_data_of(const order::order_payment_awaited& e) {
  return {order_of(e.order), e.pay_until, e.instructions};
}
webhook_payment_data webhook_data_of(const payment::payment_failed& e) {
  return {e.payment_id, e.order_id, number_of(e.order_id), e.code};
}
webhook_payment_data webhook_data_of(const payment::payment_capture_declined& e) {
  return {e.payment_id, e.order_id, number_of(e.order_id), e.code};
}
webhook_reversal_data webhook_data_of(const payment::payment_refund_reversed& e) {
  return {e.payment_id, e.order_id, number_of(e.order_id), e.amount, e.code};
}
webhook_dispute_data webhook_data_of(const payment::payment_dispute_opened& e) {
  return {e.payment_id, e.order_id, number_of(e.order_id), e.reference,
          e.amount,     e.reason,   e.respond_by,          {}};
}
webhook_dispute_data webhook_data_of(const payment::payment_dispute_closed& e) {
  return {e.payment_id, e.order_id, number_of(e.order_id), e.reference, e.amount, {},
          {},           e.outcome};
}

webhook_stock_data webhook_data_of(const catalog::stock_low& e) {
  return {e.product_id, e.available, e.threshold};
}

std::string webhook_body(std::string_view type, timestamp at, const std::string& data) {
  return json::write(webhook_document{std::string(type), at, {data}});
}

}  // namespace stoa::notification
