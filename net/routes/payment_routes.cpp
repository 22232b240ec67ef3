#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/paging.hpp"

#include <map>
#include <set>

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

struct payment_list_query {
  std::optional<payment_status> status;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Payments with this status."}, limit_rule, cursor_rule};
};
BOOST_DESCRIBE_STRUCT(payment_list_query, (), (status, limit, cursor))

/// Payments with their orders, where the request asks for them.
struct payment_resource : payment_view {
  static constexpr std::string_view schema_name = "payment_resource";
  std::optional<order::order_view> order;  ///< ?expand=order
};
BOOST_DESCRIBE_STRUCT(payment_resource, (payment_view), (order))

struct payment_resource_page {
  static constexpr std::string_view schema_name = "payment_resource_list";
  std::vector<payment_resource> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(payment_resource_page, (), (data, next_cursor, total))

struct payment_detail_resource : payment_detail_view {
  static constexpr std::string_view schema_name = "payment_detail";
  std::optional<order::order_view> order;  ///< ?expand=order
};
BOOST_DESCRIBE_STRUCT(payment_detail_resource, (payment_detail_view), (order))

/// Adds the orders that ?expand asks for, by one query.
template <class Resource>
task<std::vector<Resource>> with_orders(exchange& x, std::vector<Resource> payments) {
  if (!x.shape.expands("order") || payments.empty()) co_return payments;
  std::set<stoa::order_id> ids;
  for (const auto& p : payments) ids.insert(p.order_id);
  order::get_orders query{{ids.begin(), ids.end()}};
  auto orders = co_await x.ask(std::move(query));
  std::map<stoa::order_id, const order::order_view*> by_id;
  for (const auto& o : orders.data) by_id[o.order_id] = &o;
  for (auto& p : payments) {
    if (by_id.contains(p.order_id)) p.order = *by_id[p.order_id];
  }
  co_return payments;
}

/// Who may see the order may see its payments; for all others there is no such order.
response_task of_order(exchange& x, none) {
  auto id = x.path_id<stoa::order_id>("order_id", "order");
  order::get_order owned{id, x.shows_token_of(id)};
  co_await x.ask(std::move(owned));
  auto page = co_await x.ask(get_order_payments{id});
  co_return x.page(std::move(page));
}

response_task list_payments(exchange& x, payment_list_query q) {
  list_payments_query query;
  query.status = q.status;
  query.before = cursor_id<stoa::payment_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto found = co_await x.ask(std::move(query));
  payment_resource_page page{{}, std::move(found.next_cursor), found.total};
  std::vector<payment_resource> payments;
  for (auto& p : found.data) payments.push_back({std::move(p), {}});
  auto shown = co_await with_orders(x, std::move(payments));
  page.data = std::move(shown);
  co_return x.page(std::move(page));
}

response_task read_one(exchange& x, none) {
  get_payment query{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto payment = co_await x.ask(std::move(query));
  std::vector<payment_detail_resource> one;
  one.push_back({std::move(payment), {}});
  auto shown = co_await with_orders(x, std::move(one));
  co_return x.cacheable(shown.front());
}

}  // namespace

void add_payment_routes(routes& r) {
  r.get<none, payment_page>("/store/v1/orders/{order_id}/payments",
                            {.id = "list_order_payments",
                             .tag = "orders",
                             .summary = "How an order was paid",
                             .errors = {404},
                             .order_token = true},
                            of_order);
  r.get<payment_list_query, payment_resource_page>("/admin/v1/payments",
                                                   {.id = "admin_list_payments",
                                                    .tag = "admin",
                                                    .summary = "All payments, newest first",
                                                    .who = access::staff,
                                                    .expand = {{"order"}},
                                                    .hidden = {"order.access_token"},
                                                    .cost = list_cost},
                                                   list_payments);
  r.get<none, payment_detail_resource>(
      "/admin/v1/payments/{payment_id}",
      {.id = "admin_get_payment",
       .tag = "admin",
       .summary = "One payment with every request to the gateway and every answer from it",
       .who = access::staff,
       .success = {200, 304},
       .errors = {404},
       .expand = {{"order"}},
       .hidden = {"order.access_token"}},
      read_one);
}

}  // namespace stoa::front
