#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/paging.hpp"

#include <algorithm>
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

/// Payments with their orders, if requested.
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

/// Adds the orders requested by ?expand, with one query.
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

/// Users who may see the order may see its payments; for all others the order does not exist.
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

response_task read_payment(exchange& x, none) {
  get_payment query{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto payment = co_await x.ask(std::move(query));
  std::vector<payment_detail_resource> one;
  one.push_back({std::move(payment), {}});
  auto shown = co_await with_orders(x, std::move(one));
  co_return x.cacheable(shown.front());
}

struct new_refund_body {
  static constexpr std::string_view schema_name = "refund_request";
  std::optional<money> amount;
  std::string reason;
  static constexpr json::rule rules[] = {
      {.field = "amount",
       .value_min = 1,
       .description = "The amount to refund; the remaining amount by default."},
      {.field = "reason",
       .length_min = 1,
       .length_max = 500,
       .form = json::format::text,
       .description = "Why the amount is refunded; stored with the refund, for staff."}};
};
BOOST_DESCRIBE_STRUCT(new_refund_body, (), (amount, reason))

/// The payment in the path; 404 when there is none.
task<payment_detail_view> payment_of_path(exchange& x) {
  get_payment query{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto payment = co_await x.ask(std::move(query));
  co_return payment;
}

std::string path_of(const refund_view& r) {
  return "/admin/v1/payments/" + r.payment_id.str() + "/refunds/" + r.refund_id.str();
}

response_task create_refund(exchange& x, new_refund_body body) {
  const auto payment = co_await payment_of_path(x);
  request_refund command{payment.payment_id, payment.order_id, std::move(body.amount),
                         std::move(body.reason)};
  auto refund = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(201, refund));
  r.headers.emplace_back("Location", path_of(refund));
  co_return r;
}

response_task read_refund(exchange& x, none) {
  const auto payment = co_await payment_of_path(x);
  const auto id = x.path_id<stoa::refund_id>("refund_id", "refund");
  const auto found = std::ranges::find(payment.refunds, id, &refund_view::refund_id);
  if (found == payment.refunds.end()) fail(not_found("refund"));
  co_return x.cacheable(*found);
}

response_task retry_declined(exchange& x, empty_body) {
  const auto payment = co_await payment_of_path(x);
  retry_refund command{payment.payment_id, payment.order_id,
                       x.path_id<stoa::refund_id>("refund_id", "refund")};
  auto refund = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, refund));
}

response_task capture_one(exchange& x, empty_body) {
  const auto payment = co_await payment_of_path(x);
  auto captured = co_await x.command(capture_payment{payment.payment_id, payment.order_id});
  co_return x.json(200, captured);
}

void add_payment_operations(routes& r) {
  r.post<new_refund_body, refund_view>(
      "/admin/v1/payments/{payment_id}/refunds",
      {.id = "admin_create_refund",
       .tag = "admin",
       .summary = "Refund a captured payment, in part or in full",
       .description =
           "The refund is Pending until the gateway answers; `Location` has its outcome. The "
           "sum of all refunds never exceeds the captured amount. The order does not change.",
       .who = access::staff,
       .success = {201},
       .errors = {404, 409},
       .key_required = true,
       .reject_cards = true},
      create_refund);
  r.get<none, refund_view>("/admin/v1/payments/{payment_id}/refunds/{refund_id}",
                           {.id = "admin_get_refund",
                            .tag = "admin",
                            .summary = "Get a refund",
                            .who = access::staff,
                            .success = {200, 304},
                            .errors = {404}},
                           read_refund);
  r.post<empty_body, refund_view>("/admin/v1/payments/{payment_id}/refunds/{refund_id}/retry",
                                  {.id = "admin_retry_refund",
                                   .tag = "admin",
                                   .summary = "Retry a declined refund",
                                   .description = "The refund is Pending until the gateway "
                                                  "answers; get it to see the outcome.",
                                   .who = access::staff,
                                   .errors = {404, 409},
                                   .answer_fields = {"ETag"}},
                                  retry_declined);
  r.post<empty_body, payment_view>(
      "/admin/v1/payments/{payment_id}/capture",
      {.id = "admin_capture_payment",
       .tag = "admin",
       .summary = "Capture an authorised payment",
       .description =
           "For payment.capture = manual. The capture runs asynchronously: 200 means that it has "
           "been requested, and the payment in the response is still Authorized. Get the payment "
           "to see the result. While `effect` is Capture, the capture is in progress; then the "
           "status is Completed, or still Authorized with a `failure_code` if the gateway has "
           "declined the capture, which can be requested again. No effect on a captured payment.",
       .who = access::staff,
       .errors = {404, 409}},
      capture_one);
}

}  // namespace

void add_payment_routes(routes& r) {
  r.get<none, payment_page>("/store/v1/orders/{order_id}/payments",
                            {.id = "list_order_payments",
                             .tag = "orders",
                             .summary = "List the payments of an order",
                             .errors = {404},
                             .order_token = true},
                            of_order);
  r.get<payment_list_query, payment_resource_page>(
      "/admin/v1/payments",
      {.id = "admin_list_payments",
       .tag = "admin",
       .summary = "List all payments, newest first",
       .who = access::staff,
       .expand = {{"order"}},
       .hidden = {"order.access_token", "order.next_action"},
       .cost = list_cost},
      list_payments);
  r.get<none, payment_detail_resource>(
      "/admin/v1/payments/{payment_id}",
      {.id = "admin_get_payment",
       .tag = "admin",
       .summary = "Get a payment with its attempts, refunds and log",
       .who = access::staff,
       .success = {200, 304},
       .errors = {404},
       .expand = {{"order"}},
       .hidden = {"order.access_token", "order.next_action"}},
      read_payment);
  add_payment_operations(r);
}

}  // namespace stoa::front
