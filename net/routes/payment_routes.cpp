#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/paging.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

struct payment_list_query {
  std::optional<payment_status> status;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {limit_rule};
};
BOOST_DESCRIBE_STRUCT(payment_list_query, (), (status, limit, cursor))

/// Who may see the order may see its payments; for all others there is no such order.
response_task of_order(exchange& x, none) {
  auto id = x.path_id<stoa::order_id>("order_id", "order");
  order::get_order owned{id, x.shows_token_of(id)};
  co_await x.ask(std::move(owned));
  auto page = co_await x.ask(get_order_payments{id});
  co_return x.page(std::move(page));
}

response_task list_all(exchange& x, payment_list_query q) {
  list_payments_query query;
  query.status = q.status;
  query.before = cursor_id<stoa::payment_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_one(exchange& x, none) {
  get_payment query{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto payment = co_await x.ask(std::move(query));
  co_return x.cacheable(payment);
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
  r.get<payment_list_query, payment_page>("/admin/v1/payments",
                                          {.id = "admin_list_payments",
                                           .tag = "admin",
                                           .summary = "All payments, newest first",
                                           .who = access::staff,
                                           .cost = list_cost},
                                          list_all);
  r.get<none, payment_detail_view>(
      "/admin/v1/payments/{payment_id}",
      {.id = "admin_get_payment",
       .tag = "admin",
       .summary = "One payment with every request to the gateway and every answer from it",
       .who = access::staff,
       .success = {200, 304},
       .errors = {404}},
      read_one);
}

}  // namespace stoa::front
