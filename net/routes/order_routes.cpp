#include "actors/order/order_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/order_outcome.hpp"
#include "net/routes/paging.hpp"

namespace stoa::front {

namespace {

using namespace stoa::order;
using response_task = task<http::response>;

struct order_list_query {
  std::optional<order_status> status;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {limit_rule};
};
BOOST_DESCRIBE_STRUCT(order_list_query, (), (status, limit, cursor))

/// Why the order changes, for its history.
struct reason_body {
  static constexpr std::string_view schema_name = "order_change";
  std::optional<std::string> reason;
  static constexpr json::rule rules[] = {
      {.field = "reason", .length_min = 1, .length_max = 500, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(reason_body, (), (reason))

stoa::order_id order_of(const exchange& x) {
  return x.path_id<stoa::order_id>("order_id", "order");
}

response_task list_page(exchange& x, order_list_query q, bool all) {
  list_orders_query query;
  query.all = all;
  query.status = q.status;
  query.before = cursor_id<stoa::order_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_one(exchange& x, none) {
  auto id = order_of(x);
  get_order query{id, x.shows_token_of(id)};
  auto order = co_await x.ask(std::move(query));
  // Who polls for the outcome of a checkout then finds the cart and the stock as it has left them.
  if (decided_lately(order)) co_await x.applied_now("order", id.value);
  co_return x.cacheable(order);
}

/// If-Match is compared with the order's ETag, although the path is that of what is done to it.
template <class Command>
response_task change(exchange& x, Command c) {
  c.precondition = x.precondition();
  auto order = co_await x.command(std::move(c));
  co_return x.with_etag(x.json(200, order));
}

response_task cancel_one(exchange& x, reason_body body) {
  auto id = order_of(x);
  cancel_order command{id, x.shows_token_of(id), std::move(body.reason)};
  auto order = co_await x.command(std::move(command));
  co_await x.applied_now("order", id.value);
  co_return x.json(200, order);
}

}  // namespace

void add_order_routes(routes& r) {
  r.get<order_list_query, order_page>(
      "/store/v1/orders",
      {.id = "list_orders",
       .tag = "orders",
       .summary = "My orders, newest first",
       .who = access::user,
       .cost = list_cost},
      [](exchange& x, order_list_query q) { return list_page(x, std::move(q), false); });
  r.get<none, order_view>("/store/v1/orders/{order_id}",
                          {.id = "get_order",
                           .tag = "orders",
                           .summary = "One order",
                           .success = {200, 304},
                           .errors = {404},
                           .order_token = true},
                          read_one);
  r.post<reason_body, order_view>(
      "/store/v1/orders/{order_id}/cancel",
      {.id = "cancel_order",
       .tag = "orders",
       .summary = "Cancel an order that has not been shipped; what was paid is refunded",
       .errors = {404, 409, 412},
       .order_token = true,
       .if_match = true,
       .refuse_cards = true},
      cancel_one);

  r.get<order_list_query, order_page>(
      "/admin/v1/orders",
      {.id = "admin_list_orders",
       .tag = "admin",
       .summary = "All orders, newest first",
       .who = access::staff,
       .cost = list_cost},
      [](exchange& x, order_list_query q) { return list_page(x, std::move(q), true); });
  r.get<none, order_view>("/admin/v1/orders/{order_id}",
                          {.id = "admin_get_order",
                           .tag = "admin",
                           .summary = "One order",
                           .who = access::staff,
                           .success = {200, 304},
                           .errors = {404}},
                          read_one);
  r.post<reason_body, order_view>("/admin/v1/orders/{order_id}/ship",
                                  {.id = "admin_ship_order",
                                   .tag = "admin",
                                   .summary = "Confirmed to Shipped",
                                   .who = access::staff,
                                   .errors = {404, 409, 412},
                                   .if_match = true,
                                   .refuse_cards = true},
                                  [](exchange& x, reason_body b) {
                                    return change(x, ship_order{order_of(x), std::move(b.reason)});
                                  });
  r.post<reason_body, order_view>(
      "/admin/v1/orders/{order_id}/deliver",
      {.id = "admin_deliver_order",
       .tag = "admin",
       .summary = "Shipped to Delivered",
       .who = access::staff,
       .errors = {404, 409, 412},
       .if_match = true,
       .refuse_cards = true},
      [](exchange& x, reason_body b) {
        return change(x, deliver_order{order_of(x), std::move(b.reason)});
      });
  r.post<reason_body, order_view>("/admin/v1/orders/{order_id}/cancel",
                                  {.id = "admin_cancel_order",
                                   .tag = "admin",
                                   .summary = "Cancel an order that has not been shipped",
                                   .who = access::staff,
                                   .errors = {404, 409, 412},
                                   .if_match = true,
                                   .refuse_cards = true},
                                  cancel_one);
}

}  // namespace stoa::front
