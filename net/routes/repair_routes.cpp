// Stuck orders, and remains of orders that are not stored: for staff, and `stoa check --repair`. A
// service that has lost an event receives it again and decides by its normal rules.

#include "net/routes/repair_routes.hpp"

#include "actors/kernel/kernel_commands.hpp"
#include "actors/notification/notification_messages.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/payment/payment_messages.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

using response_task = task<http::response>;
using order::order_status;
using payment::open_effect;
using payment::payment_status;

constexpr std::int64_t letters_max = 20;
constexpr const char* default_reason = "redriven";

constexpr json::rule reason_rule{.field = "reason",
                                 .length_min = 1,
                                 .length_max = 500,
                                 .form = json::format::text,
                                 .description = "The reason, recorded with the action."};

enum class mail_kind { confirmed, shipped, delivered, cancelled };
BOOST_DESCRIBE_ENUM(mail_kind, confirmed, shipped, delivered, cancelled)

order_status status_of(mail_kind kind) {
  switch (kind) {
    case mail_kind::confirmed:
      return order_status::Confirmed;
    case mail_kind::shipped:
      return order_status::Shipped;
    case mail_kind::delivered:
      return order_status::Delivered;
    case mail_kind::cancelled:
      break;
  }
  return order_status::Cancelled;
}

struct redrive_body {
  static constexpr std::string_view schema_name = "order_redrive_request";
  std::optional<std::string> reason;
  std::optional<std::vector<mail_kind>> mails;
  static constexpr json::rule rules[] = {
      reason_rule,
      {.field = "mails",
       .length_min = 1,
       .length_max = 4,
       .description = "Notifications to create if the order has none of that kind; none by "
                      "default."}};
};
BOOST_DESCRIBE_STRUCT(redrive_body, (), (reason, mails))

struct redrive_cause {
  static constexpr std::string_view schema_name = "order_redrive_cause";
  std::string code;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(redrive_cause, (), (code, detail))

struct redrive_view {
  static constexpr std::string_view schema_name = "order_redrive";
  stoa::order_id order_id;
  order_status status = order_status::Pending;  ///< status afterwards
  std::vector<redrive_cause> causes;            ///< why the order is stuck; empty: it is not
  std::vector<std::string> done;
};
BOOST_DESCRIBE_STRUCT(redrive_view, (), (order_id, status, causes, done))

struct release_body {
  static constexpr std::string_view schema_name = "reservation_release";
  std::vector<stoa::product_id> product_ids;
  std::optional<std::string> reason;
  static constexpr json::rule rules[] = {
      {.field = "product_ids",
       .length_min = 1,
       .length_max = 500,
       .description =
           "The products whose units the order has reserved, as listed by `stoa check`. Their "
           "reserved units are released; sold units are returned to stock."},
      reason_rule};
};
BOOST_DESCRIBE_STRUCT(release_body, (), (product_ids, reason))

struct refund_body {
  static constexpr std::string_view schema_name = "payment_refund_request";
  std::optional<std::string> reason;
  static constexpr json::rule rules[] = {reason_rule};
};
BOOST_DESCRIBE_STRUCT(refund_body, (), (reason))

/// The state of an order at the services.
struct order_state {
  order::order_view order;
  std::optional<payment::payment_detail_view> payment;
  std::vector<kernel::dead_letter_view> letters;
};

/// A message to send: an event for one service, or a command.
struct step {
  redrive_cause cause;
  std::string what;  ///< for display
  std::string service;
  kernel::any_message message;
  bool may_be_applied = false;  ///< reported only if the service had not applied the event
};

order::order_summary summary_of(const order::order_view& o) {
  order::order_summary s{
      o.order_id,     o.user_id,     {},      o.email,  {},          {}, o.total_amount,
      o.order_number, o.price_parts, o.phone, o.locale, o.amount_due};
  for (const auto* name : {&o.shipping_address.first_name, &o.shipping_address.last_name}) {
    if (*name) s.customer_name += (s.customer_name.empty() ? "" : " ") + **name;
  }
  for (const auto& i : o.items) {
    s.lines.push_back(
        {i.product_id, i.name, i.quantity, i.line_total, std::nullopt, i.sku, i.options});
  }
  return s;
}

/// Whether the order may redeem promotions or credit.
bool redeems(const order::order_view& o) {
  return o.credits || std::ranges::any_of(o.price_parts, [](const price_part& p) {
           return p.promotion_id.has_value();
         });
}

order::order_cancelled cancellation_of(order::order_summary summary, std::string code,
                                       const std::string& reason) {
  return {std::move(summary), std::move(code), reason};
}

template <class Event>
step give(redrive_cause cause, const char* service, const char* source, stoa::order_id id,
          const Event& event, const std::string& reason) {
  return {std::move(cause), std::string(Event::name) + " applied at " + service, service,
          kernel::any_message::of(kernel::apply_event{id, source, std::string(Event::name),
                                                      json::write(event), reason})};
}

std::string cancel_reason(const order::order_view& o) {
  for (const auto& h : o.status_history) {
    if (h.status == order_status::Cancelled) return h.reason.value_or("");
  }
  return {};
}

/// The event of the cancellation of a stored order.
order::order_cancelled cancellation_of(const order_state& s) {
  auto event = cancellation_of(summary_of(s.order), s.order.cancel_code.value_or(""),
                               cancel_reason(s.order));
  if (event.code == "payment_failed" && s.payment) event.failure_code = s.payment->failure_code;
  return event;
}

void plan_pending(const order_state& s, timestamp now, microseconds pending_max,
                  const std::string& reason, std::vector<step>& steps) {
  const auto id = s.order.order_id;
  const auto& p = s.payment;
  if (p && p->status == payment_status::Completed) {
    steps.push_back(give({"payment_event_lost", "The payment is Completed."}, "order", "payment",
                         id, payment::payment_completed{p->payment_id, id, p->amount}, reason));
  } else if (p && p->status == payment_status::Authorized) {
    payment::payment_authorized event{p->payment_id, id, p->amount};
    if (p->capture == payment::capture_method::shipment) event.capture_at_shipment = true;
    steps.push_back(give({"payment_event_lost", "The payment is Authorized."}, "order", "payment",
                         id, event, reason));
  } else if (p && p->status == payment_status::Failed) {
    steps.push_back(
        give({"payment_event_lost", "The payment has Failed."}, "order", "payment", id,
             payment::payment_failed{p->payment_id, id, p->failure_code.value_or("declined"),
                                     "The payment was declined."},
             reason));
  } else if (p && p->next_action && p->next_action->pay_until) {
    auto awaited = give({"payment_event_lost", "The payment is awaited."}, "order", "payment", id,
                        payment::payment_awaited{p->payment_id, id, p->payment_method, p->amount,
                                                 p->next_action->pay_until,
                                                 p->next_action->instructions.value_or("")},
                        reason);
    awaited.may_be_applied = true;
    steps.push_back(std::move(awaited));
  } else if (now - s.order.created_at >= pending_max) {
    steps.push_back({{"overdue", "The order has been Pending since " + s.order.created_at.str() +
                                     (p ? "." : ", without a payment.")},
                     "order cancelled",
                     "order",
                     kernel::any_message::of(order::expire_order{id})});
  }
}

/// The order's last event for a service that may have lost it.
template <class Event>
step give_again(const char* service, stoa::order_id id, const Event& event,
                const std::string& reason) {
  const redrive_cause cause{
      "order_event_lost",
      "The service " + std::string(service) + " has not applied " + std::string(Event::name) + "."};
  auto s = give(cause, service, "order", id, event, reason);
  s.may_be_applied = true;
  return s;
}

/// The effects of the order's last event at the other services. A service that has applied it does
/// nothing.
void plan_decided(const order_state& s, const std::string& reason, std::vector<step>& steps) {
  const auto id = s.order.order_id;
  if (s.order.status != order_status::Cancelled) {
    if (s.order.shipment_requested_at && s.payment && s.payment->effect == open_effect::None) {
      steps.push_back(give({"shipment_not_settled",
                            "The order waits for the capture, its payment "
                            "is " +
                                std::string(enum_name(s.payment->status)) + "."},
                           "payment", "order", id, order::order_shipment_requested{id, "redrive"},
                           reason));
    }
    steps.push_back(give_again("catalog", id, order::order_confirmed{summary_of(s.order)}, reason));
    if (redeems(s.order)) {
      steps.push_back(give_again("pricing", id, order::redemption_confirmed{id}, reason));
    }
    return;
  }
  const auto event = cancellation_of(s);
  steps.push_back(give_again("catalog", id, event, reason));
  if (redeems(s.order)) {
    // The Pricing service finds what it has reserved by the order's id.
    steps.push_back(give_again("pricing", id, order::redemption_released{id, {}, {}, {}}, reason));
  }
  const auto& p = s.payment;
  const bool owes = p && p->amount.amount > 0 && p->effect == open_effect::None &&
                    p->status != payment_status::Refunded && p->status != payment_status::Voided &&
                    p->status != payment_status::Failed;
  if (owes) {
    steps.push_back(give({"payment_not_settled", "The order is cancelled, its payment is " +
                                                     std::string(enum_name(p->status)) + "."},
                         "payment", "order", id, event, reason));
  }
}

/// The notifications that the order should have; existing ones are not created again.
void plan_mails(const order_state& s, const std::vector<mail_kind>& mails,
                std::vector<step>& steps) {
  for (const auto kind : mails) {
    const bool is_due = std::any_of(s.order.status_history.begin(), s.order.status_history.end(),
                                    [&](const auto& h) { return h.status == status_of(kind); });
    if (!is_due) continue;
    notification::create_missing command{s.order.order_id,
                                         *enum_value<notification::mail_kind>(enum_name(kind)),
                                         summary_of(s.order)};
    if (kind == mail_kind::cancelled) {
      auto event = cancellation_of(s);
      command.code = std::move(event.code);
      command.reason = std::move(event.reason);
      command.failure_code = std::move(event.failure_code);
    }
    steps.push_back({{},
                     "notification " + std::string(enum_name(kind)) + " created",
                     "notification",
                     kernel::any_message::of(std::move(command)),
                     true});
  }
}

/// Why the order is stuck, and the messages that resolve it. Pure.
std::vector<step> plan(const order_state& s, const redrive_body& body, timestamp now,
                       microseconds pending_max) {
  std::vector<step> steps;
  const auto reason = body.reason.value_or(default_reason);
  if (const auto& p = s.payment; p && p->effect != open_effect::None) {
    steps.push_back(
        {{"gateway_open", std::string(enum_name(p->effect)) + " is open at the gateway since " +
                              p->created_at.str() + ", " + std::to_string(p->unanswered_calls) +
                              " calls without a response."},
         "gateway called",
         "payment",
         kernel::any_message::of(payment::retry_payment{p->payment_id, true})});
  }
  if (s.order.status == order_status::Pending) {
    plan_pending(s, now, pending_max, reason, steps);
  } else {
    plan_decided(s, reason, steps);
  }
  if (body.mails) plan_mails(s, *body.mails, steps);
  return steps;
}

task<order_state> look_at(exchange& x, stoa::order_id id) {
  order_state s;
  order::get_order about{id, false};
  auto found = co_await x.ask(about);
  s.order = std::move(found);
  payment::get_order_payments paid{id};
  auto payments = co_await x.ask(std::move(paid));
  if (!payments.data.empty()) {
    payment::get_payment which{payments.data.front().payment_id};
    auto detail = co_await x.ask(which);
    s.payment = std::move(detail);
  }
  letter_filter filter;
  filter.mentions = id.value;
  auto letters = co_await find_letters(x, std::nullopt, filter, std::nullopt, letters_max);
  s.letters = std::move(letters);
  co_return s;
}

task<kernel::answer> send(exchange& x, std::string service, kernel::any_message message) {
  auto context = x.context;
  // Each step is idempotent.
  context.idempotency_scope.clear();
  callback_wait<kernel::answer> wait([&](auto then) {
    x.port->command(service, std::move(message), std::move(context), std::move(then));
  });
  kernel::answer a = co_await wait;
  co_return a;
}

task<kernel::answer> replay(exchange& x, const kernel::dead_letter_view& letter) {
  callback_wait<kernel::answer> wait(
      [&](auto then) { x.port->replay(letter.service, letter.event_id, std::move(then)); });
  kernel::answer a = co_await wait;
  co_return a;
}

/// Whether the service ignored the event, because it had applied it before.
bool is_ignored(const step& s, const kernel::answer& a) {
  return s.may_be_applied && !a.error &&
         !static_cast<const kernel::event_applied*>(a.value.get())->changed;
}

std::string outcome_of(const std::string& what, const kernel::answer& a) {
  return a.error ? what + ", rejected: " + a.error->detail : what;
}

struct redrive_note {
  std::vector<redrive_cause> causes;
  std::vector<std::string> done;
};
BOOST_DESCRIBE_STRUCT(redrive_note, (), (causes, done))

/// Records the caller, the causes and the actions in the log and in the order's database.
task<bool> note(exchange& x, redrive_view view, std::string reason) {
  log::info("order redriven", {{"order_id", view.order_id.str()},
                               {"causes", static_cast<std::int64_t>(view.causes.size())},
                               {"steps", static_cast<std::int64_t>(view.done.size())},
                               {"reason", reason},
                               {"caller", x.context.who.str()},
                               {"request_id", x.context.request_id}});
  const kernel::note_operation what{view.order_id, "redriven",
                                    json::write(redrive_note{view.causes, view.done}),
                                    std::move(reason)};
  auto answer = co_await send(x, "order", kernel::any_message::of(what));
  if (answer.error) {
    // As a node of the previous version would do. The actions remain in effect.
    log::warn("redrive not recorded",
              {{"order_id", view.order_id.str()}, {"detail", answer.error->detail}});
  }
  co_return !answer.error;
}

response_task redrive(exchange& x, redrive_body body) {
  const auto id = x.path_id<stoa::order_id>("order_id", "order");
  auto state = co_await look_at(x, id);
  redrive_view view{id, state.order.status, {}, {}};
  for (const auto& l : state.letters) {
    view.causes.push_back({"dead_letter", "The service " + l.service + " could not apply " +
                                              l.type + " (" + l.event_id.str() + "): " + l.error});
    auto answer = co_await replay(x, l);
    view.done.push_back(outcome_of(l.type + " replayed at " + l.service, answer));
  }
  auto steps = plan(state, body, store_time().now(), seconds{x.shared->config->payment.give_up_s});
  for (auto& s : steps) {
    auto answer = co_await send(x, s.service, std::move(s.message));
    if (is_ignored(s, answer)) continue;
    if (!s.cause.code.empty()) view.causes.push_back(std::move(s.cause));
    view.done.push_back(outcome_of(std::move(s.what), answer));
  }
  order::get_order about{id, false};
  auto now = co_await x.ask(about);
  view.status = now.status;
  if (!view.done.empty()) co_await note(x, view, body.reason.value_or(default_reason));
  co_return x.json(200, view);
}

/// Fails when the order is stored: its own cancellation must be used then.
task<bool> refuse_stored(exchange& x, stoa::order_id id) {
  order::get_order about{id, false};
  auto found = co_await x.try_ask(about);
  if (found) {
    fail(conflict("order_is_stored", "The order exists and is " +
                                         std::string(enum_name(found->status)) +
                                         ": cancel or redrive it."));
  }
  if (found.error().kind != problem_kind::not_found) fail(found.error());
  co_return true;
}

response_task release(exchange& x, release_body body) {
  const auto id = x.path_id<stoa::order_id>("order_id", "order");
  co_await refuse_stored(x, id);
  order::order_summary summary;
  summary.order_id = id;
  for (const auto& product : body.product_ids) {
    summary.lines.push_back({product, "", 1, {}, std::nullopt});
  }
  const auto reason = body.reason.value_or("The order does not exist.");
  // With this code the catalogue records nothing for an order without a reservation.
  const auto event = cancellation_of(std::move(summary), "stock_rejected", reason);
  auto s = give({}, "catalog", "order", id, event, reason);
  auto answer = co_await send(x, s.service, std::move(s.message));
  if (answer.error) fail(std::move(*answer.error));
  co_return x.no_content();
}

response_task call_off(exchange& x, refund_body body) {
  payment::get_payment which{x.path_id<stoa::payment_id>("payment_id", "payment")};
  auto found = co_await x.ask(which);
  co_await refuse_stored(x, found.order_id);
  order::order_summary summary;
  summary.order_id = found.order_id;
  const auto reason = body.reason.value_or("The order does not exist.");
  const auto event = cancellation_of(std::move(summary), "staff", reason);
  auto s = give({}, "payment", "order", found.order_id, event, reason);
  auto answer = co_await send(x, s.service, std::move(s.message));
  if (answer.error) fail(std::move(*answer.error));
  co_return x.no_content();
}

}  // namespace

void add_repair_routes(routes& r) {
  r.post<redrive_body, redrive_view>(
      "/admin/v1/orders/{order_id}/redrive",
      {.id = "admin_redrive_order",
       .tag = "admin",
       .summary = "Diagnose and resume a stuck order",
       .description =
           "Replays the order's dead letters, queries the gateway for an open payment, applies "
           "the last event of payment or order at the subscribing services, and cancels an order "
           "that is Pending longer than payment.give_up_s. A service that has applied an event "
           "already "
           "ignores it. The caller, the reason and the actions are recorded.",
       .who = access::staff,
       .errors = {404},
       .reject_cards = true},
      redrive);
  r.post<release_body, none>(
      "/admin/v1/orders/{order_id}/release-reservation",
      {.id = "admin_release_reservation",
       .tag = "admin",
       .summary = "Release the reservation of an order that does not exist",
       .description = "After a fail-over that lost orders: `stoa check` lists the reservations.",
       .who = access::admin,
       .success = {204},
       .errors = {404, 409},
       .reject_cards = true},
      release);
  r.post<refund_body, none>(
      "/admin/v1/payments/{payment_id}/refund",
      {.id = "admin_refund_payment",
       .tag = "admin",
       .summary = "Refund or cancel the payment of an order that does not exist",
       .description =
           "After a fail-over that lost orders: `stoa check` lists the payments. 204 "
           "means that the refund has been requested; get the payment to see the result.",
       .who = access::admin,
       .success = {204},
       .errors = {404, 409},
       .reject_cards = true},
      call_off);
}

}  // namespace stoa::front
