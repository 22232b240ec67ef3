#pragma once
// Orders with the related resources requested by ?expand: one query per service for all orders of a
// page.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/user/user_messages.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

struct order_item_resource : order::order_item_view {
  static constexpr std::string_view schema_name = "order_item_resource";
  std::optional<catalog::product_view> product;  ///< ?expand=items.product, if visible
};
BOOST_DESCRIBE_STRUCT(order_item_resource, (order::order_item_view), (product))

/// An order in responses to reads: the members of order_view, in their order, so that without
/// ?expand both have the same representation and ETag.
struct order_resource : order::order_view {
  static constexpr std::string_view schema_name = "order_resource";
  std::vector<order_item_resource> items;                      ///< in place of those of order_view
  std::optional<std::vector<payment::payment_view>> payments;  ///< ?expand=payments
  std::optional<user::user_view> user;  ///< ?expand=user; none for guests and deleted accounts
};
BOOST_DESCRIBE_STRUCT(order_resource, (),
                      (order_id, order_number, user_id, status, currency, subtotal,
                       adjustment_total, shipping_total, tax_total, total_amount, price_parts,
                       items, shipping_address, billing_address, email, phone, locale,
                       status_history, cancel_code, shipment_requested_at, access_token,
                       next_action, created_at, updated_at, metadata, shipping_method,
                       included_tax_total, credits, amount_due, tax, note, payments, user))

struct order_resource_page {
  static constexpr std::string_view schema_name = "order_list";
  std::vector<order_resource> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(order_resource_page, (), (data, next_cursor, total))

/// The orders, which the caller may see, with the requested related resources.
task<std::vector<order_resource>> expanded(exchange& x, std::vector<order::order_view> orders);

}  // namespace stoa::front
