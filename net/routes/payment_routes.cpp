#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/pricing/refund_shares.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/customer_payment.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/payment_path.hpp"

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
  get_order_payments query{id};
  auto page = co_await x.ask(std::move(query));
  for (auto& p : page.data) hide_gateway_code(p);
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

struct refund_item_body {
  static constexpr std::string_view schema_name = "refund_item";
  stoa::order_item_id order_item_id;
  std::int64_t quantity = 0;
  std::optional<money> amount;
  static constexpr json::rule rules[] = {
      {.field = "order_item_id", .description = "The line of the order."},
      {.field = "quantity",
       .value_min = 0,
       .description = "The units to refund; 0 to refund an amount without units."},
      {.field = "amount",
       .value_min = 1,
       .description = "The amount to refund for them; their share of what was paid by default."}};
};
BOOST_DESCRIBE_STRUCT(refund_item_body, (), (order_item_id, quantity, amount))

struct new_refund_body {
  static constexpr std::string_view schema_name = "refund_request";
  std::optional<money> amount;
  std::optional<std::vector<refund_item_body>> line_items;
  std::optional<money> shipping_amount;
  std::optional<bool> restock;
  std::optional<money> credit_amount;
  std::string reason;
  static constexpr json::rule rules[] = {
      {.field = "amount",
       .value_min = 1,
       .description = "The amount to refund, without line_items and shipping_amount. Without any "
                      "of the three the remaining amount is refunded."},
      {.field = "line_items",
       .length_min = 1,
       .length_max = 100,
       .description = "The lines of the order to refund, each once."},
      {.field = "shipping_amount",
       .value_min = 1,
       .description = "The part of the costs of shipping to refund."},
      {.field = "restock",
       .description = "Whether the units of line_items return to the stock when the refund has "
                      "succeeded; false by default."},
      {.field = "credit_amount",
       .value_min = 0,
       .description = "What of the refund returns to the gift cards and the store credit that have "
                      "paid for the order; by default what exceeds the payment."},
      {.field = "reason",
       .length_min = 1,
       .length_max = 500,
       .form = json::format::text,
       .description = "Why the amount is refunded; stored with the refund, for staff."}};
  void check(std::vector<field_error>& errors) const {
    if (amount && (line_items || shipping_amount)) {
      errors.push_back(
          {"/amount", "exclusive", "Use either amount, or line_items and shipping_amount."});
    }
    if (restock.value_or(false) && !line_items) {
      errors.push_back({"/line_items", "required", "Only units of line_items can be restocked."});
    }
    for (std::size_t i = 0; line_items && i < line_items->size(); ++i) {
      const auto& item = (*line_items)[i];
      const auto pointer = "/line_items/" + std::to_string(i);
      if (item.quantity == 0 && !item.amount) {
        errors.push_back({pointer + "/quantity", "range", "Without an amount it is at least 1."});
      }
      const auto repeated = std::count_if(
          line_items->begin(), line_items->begin() + static_cast<std::ptrdiff_t>(i),
          [&](const auto& other) { return other.order_item_id == item.order_item_id; });
      if (repeated > 0) {
        errors.push_back({pointer + "/order_item_id", "duplicate", "The line is named twice."});
      }
    }
  }
};
BOOST_DESCRIBE_STRUCT(new_refund_body, (),
                      (amount, line_items, shipping_amount, restock, credit_amount, reason))

void check_currency(const std::optional<money>& amount, const std::string& currency,
                    const std::string& pointer) {
  if (!amount || amount->currency == currency) return;
  fail(invalid_field(pointer + "/currency", "currency", "The order is in another currency."));
}

/// The lines of the refund, with what was paid for them.
void add_parts(const new_refund_body& body, const order::order_view& order, request_refund& m) {
  std::vector<std::int64_t> totals;
  for (const auto& i : order.items) totals.push_back(i.line_total.amount);
  const auto shares = pricing::shares_of(
      pricing::amounts_of(std::move(totals), order.price_parts, order.total_amount.amount));
  m.line_items.emplace();
  for (std::size_t n = 0; body.line_items && n < body.line_items->size(); ++n) {
    const auto& wanted = (*body.line_items)[n];
    const auto pointer = "/line_items/" + std::to_string(n);
    const auto found = std::ranges::find(order.items, wanted.order_item_id,
                                         &order::order_item_view::order_item_id);
    if (found == order.items.end()) {
      fail(invalid_field(pointer + "/order_item_id", "not_found", "The order has no such line."));
    }
    check_currency(wanted.amount, order.currency, pointer + "/amount");
    const auto paid = shares.lines[static_cast<std::size_t>(found - order.items.begin())];
    m.line_items->push_back({found->order_item_id,
                             found->product_id,
                             found->name,
                             wanted.quantity,
                             wanted.amount,
                             found->quantity,
                             {paid, order.currency},
                             found->properties});
  }
  check_currency(body.shipping_amount, order.currency, "/shipping_amount");
  m.shipping_amount = body.shipping_amount;
  m.shipping_paid = money{shares.shipping, order.currency};
  m.restock = body.restock;
}

/// The order of the payment; none if it is not stored.
task<std::optional<order::order_view>> order_of(exchange& x, stoa::order_id id) {
  order::get_order query{id, false};
  auto found = co_await x.try_ask(std::move(query));
  if (found) co_return std::move(*found);
  if (found.error().kind != problem_kind::not_found) fail(std::move(found.error()));
  co_return std::nullopt;
}

std::string path_of(const refund_view& r) {
  return "/admin/v1/payments/" + r.payment_id.str() + "/refunds/" + r.refund_id.str();
}

response_task create_refund(exchange& x, new_refund_body body) {
  const auto payment = co_await payment_of_path(x);
  request_refund command{payment.payment_id, payment.order_id, std::move(body.amount),
                         std::move(body.reason)};
  const auto order = co_await order_of(x, payment.order_id);
  const bool has_parts = body.line_items || body.shipping_amount;
  if (has_parts && !order) fail(not_found("order"));
  if (has_parts) add_parts(body, *order, command);
  if (order) command.credits = order->credits;
  command.credit_amount = body.credit_amount;
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
  const auto order = co_await order_of(x, payment.order_id);
  if (order) command.credits = order->credits;
  auto refund = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, refund));
}

response_task capture_one(exchange& x, empty_body) {
  const auto payment = co_await payment_of_path(x);
  capture_payment command{payment.payment_id, payment.order_id};
  auto captured = co_await x.command(std::move(command));
  co_return x.json(200, captured);
}

void add_payment_operations(routes& r) {
  r.post<new_refund_body, refund_view>(
      "/admin/v1/payments/{payment_id}/refunds",
      {.id = "admin_create_refund",
       .tag = "admin",
       .summary = "Refund a captured payment, in part or in full",
       .description =
           "An amount, or lines of the order and costs of shipping. The amount of a line's units "
           "is "
           "their share of what was paid: adjustments and taxes are divided in proportion. The "
           "refund is Pending until the gateway answers; `Location` has its outcome. Then the "
           "order's lines show the refunded units, and the units are restocked if requested. The "
           "sum of all refunds never exceeds the captured amount, and the refunds of a line never "
           "exceed what was paid for it. What gift cards and store credit have paid returns to "
           "them "
           "after the payment is refunded in full, or as `credit_amount` says: a refund to them "
           "alone has succeeded at once. The order's status does not change.",
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
           "For payment.capture = manual or shipment. The capture runs asynchronously: 200 means "
           "that it has "
           "been requested, and the payment in the response is still Authorized. Get the payment "
           "to see the result. While `effect` is Capture, the capture is in progress; then the "
           "status is Completed, or still Authorized with a `failure_code` if the gateway has "
           "declined the capture, which can be requested again. No effect on a captured payment.",
       .who = access::staff,
       .errors = {404, 409}},
      capture_one);
}

}  // namespace

task<payment_detail_view> payment_of_path(exchange& x) {
  get_payment query{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto payment = co_await x.ask(std::move(query));
  co_return payment;
}

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
