#pragma once
// Orders with the related resources that ?expand asks for. What all orders of a page need is asked
// of each service in one query.

#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/user/user_messages.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

/// An order as the routes for reading show it.
struct order_resource : order::order_view {
  static constexpr std::string_view schema_name = "order_resource";
  std::optional<std::vector<payment::payment_view>> payments;  ///< ?expand=payments
  std::optional<user::user_view> user;  ///< ?expand=user; none of a guest, or deleted
};
BOOST_DESCRIBE_STRUCT(order_resource, (order::order_view), (payments, user))

struct order_resource_page {
  static constexpr std::string_view schema_name = "order_list";
  std::vector<order_resource> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, where it was asked for
};
BOOST_DESCRIBE_STRUCT(order_resource_page, (), (data, next_cursor, total))

/// The orders, which the caller may see, with what the request asks for.
task<std::vector<order_resource>> expanded(exchange& x, std::vector<order::order_view> orders);

}  // namespace stoa::front
