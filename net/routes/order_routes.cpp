#include "actors/checkout/checkout.hpp"
#include "actors/payment/payment_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/order_expansion.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/prefer.hpp"
#include "net/routes/product_expansion.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

namespace {

using namespace stoa::order;
using response_task = task<http::response>;

constexpr const char* cancel_text =
    "The order is cancelled at once. The refund, or the release of an authorised amount, runs "
    "asynchronously: list the order's payments to see it.";
constexpr const char* ship_text =
    "An authorised payment with payment.capture = shipment is captured first. The response waits "
    "for it (Prefer: wait=N, respond-async). 202: the capture is in progress, the order has "
    "shipment_requested_at and becomes Shipped when the payment is captured. 409 "
    "capture_declined: the order stays Confirmed; its history and its payment have the reason. "
    "Ship it again, or cancel it.";
constexpr json::rule number_rule{.field = "order_number",
                                 .length_max = 40,
                                 .description =
                                     "The order with this number; case, spaces and dashes do not "
                                     "matter, O counts as 0, and I and L as 1.",
                                 .example = R"("7F3A9-1C2BP")"};
constexpr json::rule from_rule{.field = "created_from",
                               .description = "Orders placed at this time or later."};
constexpr json::rule to_rule{.field = "created_to",
                             .description = "Orders placed before this time."};
constexpr json::rule status_rule{.field = "status",
                                 .length_min = 1,
                                 .length_max = 5,
                                 .description = "Orders with any of these statuses."};

struct order_list_query {
  std::optional<std::vector<order_status>> status;
  std::optional<std::string> order_number;
  std::optional<timestamp> created_from;
  std::optional<timestamp> created_to;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {status_rule, number_rule, from_rule,
                                         to_rule,     limit_rule,  cursor_rule};
};
BOOST_DESCRIBE_STRUCT(order_list_query, (),
                      (status, order_number, created_from, created_to, limit, cursor))

struct staff_order_query : order_list_query {
  std::optional<std::string> email;
  static constexpr json::rule rules[] = {
      status_rule,
      number_rule,
      from_rule,
      to_rule,
      limit_rule,
      cursor_rule,
      {.field = "email",
       .length_max = 254,
       .description = "Orders with this email address, compared as for accounts."}};
};
BOOST_DESCRIBE_STRUCT(staff_order_query, (order_list_query), (email))

/// The reason for a change, for the order's history.
struct reason_body {
  static constexpr std::string_view schema_name = "order_change";
  std::optional<std::string> reason;
  static constexpr json::rule rules[] = {
      {.field = "reason", .length_min = 1, .length_max = 500, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(reason_body, (), (reason))

struct claim_body {
  static constexpr std::string_view schema_name = "order_claim";
  std::string access_token;
  static constexpr json::rule rules[] = {{.field = "access_token",
                                          .length_min = 1,
                                          .length_max = 255,
                                          .form = json::format::line,
                                          .description = "The token of the guest's order.",
                                          .example = R"("ot_Npdd5EzN6myErQqj_EMQdCoSzB")"}};
};
BOOST_DESCRIBE_STRUCT(claim_body, (), (access_token))

stoa::order_id order_of(const exchange& x) {
  return x.path_id<stoa::order_id>("order_id", "order");
}

list_orders_query query_of(const exchange& x, order_list_query q) {
  list_orders_query query;
  query.statuses = std::move(q.status);
  query.order_number = std::move(q.order_number);
  query.created_from = q.created_from;
  query.created_before = q.created_to;
  query.count = x.shape.count;
  query.before = cursor_id<stoa::order_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  return query;
}

response_task page_of(exchange& x, list_orders_query query) {
  auto found = co_await x.ask(std::move(query));
  order_resource_page page{{}, std::move(found.next_cursor), found.total};
  auto orders = co_await expanded(x, std::move(found.data));
  page.data = std::move(orders);
  co_return x.page(std::move(page));
}

response_task list_mine(exchange& x, order_list_query q) {
  auto answer = co_await page_of(x, query_of(x, std::move(q)));
  co_return answer;
}

response_task list_orders(exchange& x, staff_order_query q) {
  auto email = std::move(q.email);
  auto query = query_of(x, std::move(q));
  query.all = true;
  query.email = std::move(email);
  auto answer = co_await page_of(x, std::move(query));
  co_return answer;
}

response_task read_order(exchange& x, none) {
  auto id = order_of(x);
  get_order query{id, x.shows_token_of(id)};
  auto found = co_await x.ask(std::move(query));
  // A client that polls for the outcome of a checkout then sees the changed cart and stock.
  if (checkout::decided_recently(found, x.now())) co_await x.applied_now("order", id.value);
  std::vector<order_view> one;
  one.push_back(std::move(found));
  auto order = co_await expanded(x, std::move(one));
  co_return x.cacheable(order.front());
}

/// If-Match is compared with the order's ETag, although the path is that of an action.
template <class Command>
response_task change_order(exchange& x, Command c) {
  c.precondition = x.precondition();
  auto order = co_await x.command(std::move(c));
  co_return x.with_etag(x.json(200, order));
}

/// Why the order was not shipped; its payment has the gateway's code.
task<problem> capture_problem(exchange& x, stoa::order_id id) {
  payment::get_order_payments query{id};
  auto payments = co_await x.ask(std::move(query));
  std::string code;
  for (const auto& p : payments.data) code = p.failure_code.value_or("");
  co_return conflict("capture_declined", "The payment could not be captured" +
                                             (code.empty() ? code : " (" + code + ")") +
                                             ". The order was not shipped.");
}

/// An order whose payment is captured at shipment is answered when the capture is decided, or as it
/// is after the time to wait.
response_task ship_one(exchange& x, reason_body body) {
  const auto id = order_of(x);
  const auto wait = wait_preference_of(x);
  ship_order command{id, std::move(body.reason)};
  command.precondition = x.precondition();
  auto order = co_await x.command(std::move(command));
  if (order.shipment_requested_at) {
    x.context.deadline = x.context.deadline + wait.time;
    auto outcome = x.watch_now(
        "order",
        {id.value, {"order.shipped", "order.shipment_declined", "order.cancelled"}, wait.time});
    // The capture may have been decided before the watch began.
    get_order look{id, false};
    auto now = co_await x.ask(look);
    if (now.shipment_requested_at && !wait.async) {
      co_await outcome;
      get_order again{id, false};
      now = co_await x.ask(again);
    }
    order = std::move(now);
    if (order.status == order_status::Confirmed && !order.shipment_requested_at) {
      auto why = co_await capture_problem(x, id);
      fail(std::move(why));
    }
    if (order.status == order_status::Cancelled) {
      fail(conflict("illegal_transition", "The order was cancelled before it was shipped."));
    }
  }
  auto r = x.with_etag(x.json(order.shipment_requested_at ? 202 : 200, order));
  if (wait.applied) r.headers.emplace_back("Preference-Applied", wait.applied_text);
  co_return r;
}

response_task cancel_one(exchange& x, reason_body body) {
  auto id = order_of(x);
  cancel_order command{id, x.shows_token_of(id), std::move(body.reason)};
  command.precondition = x.precondition();
  auto order = co_await x.command(std::move(command));
  // The response is sent after the stock is restored and the refund is started.
  co_await x.applied_now("order", id.value);
  co_return x.with_etag(x.json(200, order));
}

response_task claim_one(exchange& x, claim_body body) {
  const auto id = order_of(x);
  if (!text::equal_secret(body.access_token, x.token_of(id))) fail(not_found("order"));
  co_await confirm_session(x);
  claim_order command{id};
  command.precondition = x.precondition();
  auto order = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, order));
}

/// Only the response to a checkout contains the token of a guest's order; `user` is for staff only.
std::vector<std::string> customer_hidden() {
  auto paths = staff_product_fields("items.product");
  paths.insert(paths.end(), {"access_token", "next_action", "user"});
  return paths;
}

std::vector<expansion> staff_expand() {
  return {{"payments"}, {"user"}, {"items.product"}};
}

void add_customer_routes(routes& r) {
  r.get<order_list_query, order_resource_page>("/store/v1/orders",
                                               {.id = "list_orders",
                                                .tag = "orders",
                                                .summary = "List my orders, newest first",
                                                .who = access::user,
                                                .expand = {{"payments"}, {"items.product"}},
                                                .hidden = customer_hidden(),
                                                .cost = list_cost},
                                               list_mine);
  r.get<none, order_resource>("/store/v1/orders/{order_id}",
                              {.id = "get_order",
                               .tag = "orders",
                               .summary = "Get an order",
                               .success = {200, 304},
                               .errors = {404},
                               .order_token = true,
                               .expand = {{"payments"}, {"items.product"}},
                               .hidden = customer_hidden()},
                              read_order);
  r.post<claim_body, order_view>(
      "/store/v1/orders/{order_id}/claim",
      {.id = "claim_order",
       .tag = "orders",
       .summary = "Add a guest's order to my account",
       .description = "With the token that the checkout returned. The token stays valid.",
       .who = access::user,
       .errors = {404, 409, 412},
       .if_match = true},
      claim_one);
  r.post<reason_body, order_view>(
      "/store/v1/orders/{order_id}/cancel",
      {.id = "cancel_order",
       .tag = "orders",
       .summary = "Cancel an order that has not been shipped; its payment is refunded",
       .description = cancel_text,
       .errors = {404, 409, 412},
       .order_token = true,
       .if_match = true,
       .reject_cards = true},
      cancel_one);
}

void add_staff_routes(routes& r) {
  r.get<staff_order_query, order_resource_page>("/admin/v1/orders",
                                                {.id = "admin_list_orders",
                                                 .tag = "admin",
                                                 .summary = "List all orders, newest first",
                                                 .who = access::staff,
                                                 .expand = staff_expand(),
                                                 .hidden = {"access_token", "next_action"},
                                                 .cost = list_cost},
                                                list_orders);
  r.get<none, order_resource>("/admin/v1/orders/{order_id}",
                              {.id = "admin_get_order",
                               .tag = "admin",
                               .summary = "Get an order",
                               .who = access::staff,
                               .success = {200, 304},
                               .errors = {404},
                               .expand = staff_expand(),
                               .hidden = {"access_token", "next_action"}},
                              read_order);
  r.patch<order_update, order_view>(
      "/admin/v1/orders/{order_id}",
      {.id = "admin_update_order",
       .tag = "admin",
       .summary = "Change an order's metadata, in any status; visible to its customer",
       .who = access::staff,
       .errors = {404, 412},
       .if_match = true,
       .reject_cards = true},
      [](exchange& x, order_update b) {
        return change_order(x, update_order{order_of(x), std::move(b)});
      });
  r.post<reason_body, order_view>("/admin/v1/orders/{order_id}/ship",
                                  {.id = "admin_ship_order",
                                   .tag = "admin",
                                   .summary = "Set a Confirmed order to Shipped",
                                   .description = ship_text,
                                   .who = access::staff,
                                   .success = {200, 202},
                                   .errors = {404, 409, 412},
                                   .if_match = true,
                                   .request_fields = {"Prefer"},
                                   .answer_fields = {"Preference-Applied"},
                                   .reject_cards = true},
                                  ship_one);
  r.post<reason_body, order_view>(
      "/admin/v1/orders/{order_id}/deliver",
      {.id = "admin_deliver_order",
       .tag = "admin",
       .summary = "Set a Shipped order to Delivered",
       .who = access::staff,
       .errors = {404, 409, 412},
       .if_match = true,
       .reject_cards = true},
      [](exchange& x, reason_body b) {
        return change_order(x, deliver_order{order_of(x), std::move(b.reason)});
      });
  r.post<reason_body, order_view>("/admin/v1/orders/{order_id}/cancel",
                                  {.id = "admin_cancel_order",
                                   .tag = "admin",
                                   .summary = "Cancel an order that has not been shipped",
                                   .description = cancel_text,
                                   .who = access::staff,
                                   .errors = {404, 409, 412},
                                   .if_match = true,
                                   .reject_cards = true},
                                  cancel_one);
}

}  // namespace

void add_order_routes(routes& r) {
  add_customer_routes(r);
  add_staff_routes(r);
}

}  // namespace stoa::front
