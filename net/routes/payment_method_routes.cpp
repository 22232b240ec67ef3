// The payment methods that the store offers, and what staff do with payments whose money arrives
// outside of the program.

#include "actors/payment/payment_messages.hpp"
#include "actors/payment/payment_method.hpp"
#include "config/settings.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/instruments.hpp"
#include "net/routes/payment_path.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

enum class method_course { immediate, redirect, bank_transfer, on_delivery };
BOOST_DESCRIBE_ENUM(method_course, immediate, redirect, bank_transfer, on_delivery)

struct method_view {
  static constexpr std::string_view schema_name = "offered_payment_method";
  payment_method type = payment_method::card;
  std::optional<std::string> gateway;
  bool token_required = false;
  method_course course = method_course::immediate;
  bool can_be_saved = false;
  static constexpr json::rule rules[] = {
      {.field = "type", .description = "The type of payment_method in a checkout."},
      {.field = "gateway", .description = "The gateway whose tokens are accepted; of card only."},
      {.field = "token_required", .description = "Whether payment_method needs a token."},
      {.field = "course",
       .description =
           "How the payment is made. immediate: decided by the checkout, after 3-D Secure if "
           "necessary; redirect: the customer approves the payment at the URL of next_action, "
           "unless it is a saved one; "
           "bank_transfer: the order waits for the transfer that next_action describes; "
           "on_delivery: paid when delivered."},
      {.field = "can_be_saved",
       .description = "Whether signed-in users can save it at a checkout (save_payment_method). A "
                      "card also without one."}};
};
BOOST_DESCRIBE_STRUCT(method_view, (), (type, gateway, token_required, course, can_be_saved))

struct method_list {
  static constexpr std::string_view schema_name = "offered_payment_method_list";
  std::vector<method_view> data;
};
BOOST_DESCRIBE_STRUCT(method_list, (), (data))

method_course course_of(payment_method m) {
  switch (m) {
    case payment_method::paypal:
      return method_course::redirect;
    case payment_method::bank_transfer:
      return method_course::bank_transfer;
    case payment_method::cash_on_delivery:
      return method_course::on_delivery;
    case payment_method::card:
      break;
  }
  return method_course::immediate;
}

response_task list_methods(exchange& x, none) {
  const auto& s = x.shared->config->payment;
  method_list all;
  for (const auto& name : s.methods) {
    const auto method = enum_value<payment_method>(name);
    if (!method) continue;
    const bool is_card = *method == payment_method::card;
    all.data.push_back({*method, is_card ? std::optional(s.gateway) : std::nullopt, is_card,
                        course_of(*method), front::can_be_saved(s, *method)});
  }
  co_return x.cacheable(all);
}

constexpr json::rule reference_rule{
    .field = "reference",
    .length_min = 1,
    .length_max = 255,
    .form = json::format::line,
    .description =
        "Of the receipt or the payout, such as the bank's reference; becomes the "
        "transaction_id."};

struct confirmation_body {
  static constexpr std::string_view schema_name = "payment_confirmation";
  money amount;
  std::string reference;
  std::optional<bool> accept_difference;
  static constexpr json::rule rules[] = {
      {.field = "amount", .value_min = 1, .description = "The amount that was received."},
      reference_rule,
      {.field = "accept_difference",
       .description = "Accept another amount than the payment's. A lower amount is the most that "
                      "can be refunded; what exceeds the payment is returned by the store."}};
};
BOOST_DESCRIBE_STRUCT(confirmation_body, (), (amount, reference, accept_difference))

struct payout_body {
  static constexpr std::string_view schema_name = "refund_confirmation";
  std::string reference;
  static constexpr json::rule rules[] = {reference_rule};
};
BOOST_DESCRIBE_STRUCT(payout_body, (), (reference))

struct rejection_body {
  static constexpr std::string_view schema_name = "offline_rejection";
  std::string reason;
  static constexpr json::rule rules[] = {{.field = "reason",
                                          .length_min = 1,
                                          .length_max = 500,
                                          .form = json::format::text,
                                          .description = "Why it is rejected, for staff."}};
};
BOOST_DESCRIBE_STRUCT(rejection_body, (), (reason))

response_task confirm_one(exchange& x, confirmation_body body) {
  const auto payment = co_await payment_of_path(x);
  confirm_payment command{payment.payment_id, payment.order_id, std::move(body.amount),
                          std::move(body.reference), body.accept_difference.value_or(false)};
  auto confirmed = co_await x.command(std::move(command));
  co_return x.json(200, confirmed);
}

response_task reject_one(exchange& x, rejection_body body) {
  const auto payment = co_await payment_of_path(x);
  reject_payment command{payment.payment_id, payment.order_id, std::move(body.reason)};
  auto rejected = co_await x.command(std::move(command));
  co_return x.json(200, rejected);
}

task<http::response> settle_one(exchange& x, std::string reference,
                                std::optional<std::string> reason) {
  const auto payment = co_await payment_of_path(x);
  settle_refund command{payment.payment_id, payment.order_id,
                        x.path_id<stoa::refund_id>("refund_id", "refund"), std::move(reference),
                        std::move(reason)};
  auto refund = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, refund));
}

response_task confirm_refund(exchange& x, payout_body body) {
  auto r = co_await settle_one(x, std::move(body.reference), std::nullopt);
  co_return r;
}

response_task reject_refund(exchange& x, rejection_body body) {
  auto r = co_await settle_one(x, "", std::move(body.reason));
  co_return r;
}

void add_offline_refunds(routes& r) {
  r.post<payout_body, refund_view>(
      "/admin/v1/payments/{payment_id}/refunds/{refund_id}/confirm",
      {.id = "admin_confirm_refund",
       .tag = "admin",
       .summary = "Confirm that the refund of an offline payment was paid out",
       .who = access::staff,
       .errors = {404, 409},
       .key_required = true,
       .answer_fields = {"ETag"},
       .reject_cards = true},
      confirm_refund);
  r.post<rejection_body, refund_view>(
      "/admin/v1/payments/{payment_id}/refunds/{refund_id}/reject",
      {.id = "admin_reject_refund",
       .tag = "admin",
       .summary = "Record that the refund of an offline payment cannot be paid out",
       .description = "The refund becomes Declined, and can be retried.",
       .who = access::staff,
       .errors = {404, 409},
       .key_required = true,
       .answer_fields = {"ETag"},
       .reject_cards = true},
      reject_refund);
}

}  // namespace

void add_payment_method_routes(routes& r) {
  r.get<none, method_list>("/store/v1/payment-methods",
                           {.id = "list_payment_methods",
                            .tag = "carts",
                            .summary = "List the payment methods that a checkout accepts",
                            .success = {200, 304}},
                           list_methods);
  r.post<confirmation_body, payment_view>(
      "/admin/v1/payments/{payment_id}/confirm",
      {.id = "admin_confirm_payment",
       .tag = "admin",
       .summary = "Confirm that the money of an offline payment has arrived",
       .description = "For payments by bank_transfer and cash_on_delivery that are Pending: the "
                      "payment becomes Completed, and an order that waits for it Confirmed.",
       .who = access::staff,
       .errors = {404, 409},
       .key_required = true,
       .reject_cards = true},
      confirm_one);
  r.post<rejection_body, payment_view>(
      "/admin/v1/payments/{payment_id}/reject",
      {.id = "admin_reject_payment",
       .tag = "admin",
       .summary = "Record that the money of an offline payment will not arrive",
       .description =
           "The payment becomes Failed. An order that waits for it is cancelled; an order "
           "that is paid on delivery does not change.",
       .who = access::staff,
       .errors = {404, 409},
       .key_required = true,
       .reject_cards = true},
      reject_one);
  add_offline_refunds(r);
}

}  // namespace stoa::front
