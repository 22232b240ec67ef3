#include "actors/checkout/checkout.hpp"

#include "actors/checkout/cart_quote.hpp"
#include "actors/checkout/checkout_parts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/pricing/credits.hpp"
#include "actors/pricing/promotion_rules.hpp"
#include "actors/user/user_messages.hpp"
#include "storage/base/contact.hpp"

#include <algorithm>

namespace stoa::checkout {

namespace {

using namespace stoa::order;
using kernel::fail;
using kernel::service_calls;
using kernel::task;

/// After this time all services have applied an outcome, or one is unavailable for longer than an
/// answer waits.
constexpr seconds outcome_is_new{30};

/// The order as of its first outcome (or as placed), so that a retry returns what the first answer
/// showed, regardless of later changes. `v` is as placed, with the states that it has had.
order_view as_of(order_view v, bool placed_only) {
  std::size_t shown = placed_only ? 1 : 2;
  if (v.status_history.size() > shown) v.status_history.resize(shown);
  if (v.status_history.empty()) return v;
  v.status = v.status_history.back().status;
  v.updated_at = v.status_history.back().changed_at;
  if (v.status != order_status::Cancelled) v.cancel_code.reset();
  return v;
}

merged_state state_of(const cart::absorbed_cart& merged) {
  merged_state state{merged.cart_id, merged.version};
  if (merged.lines) {
    state.lines.emplace();
    for (const auto& l : *merged.lines) state.lines->push_back(l.from);
  }
  return state;
}

order_line line_of(const cart::cart_item_content& item, const catalog::price_item& now) {
  order_line line{item.product_id, now.name, item.quantity, now.price, item.cart_item_id, now.sku};
  for (const auto& option : now.options) line.options.push_back({option.name, option.value});
  line.note = item.note;
  line.properties = item.properties;
  return line;
}

/// The customer has seen a price with these codes: the order is not placed without them.
problem not_applied(const cart::cart_content& cart,
                    const std::vector<pricing::unused_code>& codes) {
  auto p = conflict("code_not_applied", "Not all codes of the cart can be applied. Remove them.");
  for (const auto& c : codes) {
    const auto at = std::ranges::find(cart.codes, pricing::code_key_of(c.code),
                                      [](const auto& code) { return pricing::code_key_of(code); }) -
                    cart.codes.begin();
    p.errors.push_back({"/codes/" + std::to_string(at), c.reason, "The code " + c.code + "."});
  }
  return p;
}

/// What is wrong with the choice of the shipping method; empty: nothing.
std::optional<problem> check_shipping(const checkout_request& r, const cart::cart_content& cart,
                                      const cart_context& context,
                                      const pricing::priced_basket& priced) {
  if (priced.shipping) return std::nullopt;
  const auto refused = [](std::string code, std::string field, std::string detail) {
    const auto pointer = "/" + field;
    return problem{problem_kind::validation, std::move(code), detail, {{pointer, "value", detail}}};
  };
  const std::string field = "shipping_method_id";
  if (context.rules->zones().empty()) {
    if (!r.shipping_method_id) return std::nullopt;
    return refused("shipping_method_unavailable", field, "The store has no shipping methods.");
  }
  const auto offers = offers_of(cart, context);
  if (offers.empty()) {
    return refused("address_not_served", "shipping_address",
                   "The store has no shipping method for this cart, in " + context.basket.currency +
                       ", to this address.");
  }
  std::string detail = r.shipping_method_id ? "The method is not offered for this order."
                                            : "Choose a shipping method.";
  for (const auto& offer : offers) {
    detail += " " + offer.method->shipping_method_id->str() + " is " + offer.method->name + ".";
  }
  return refused(r.shipping_method_id ? "shipping_method_unavailable" : "shipping_method_required",
                 field, std::move(detail));
}

/// The lines of the cart that cannot be ordered. `sold_out` if their reasons differ.
problem not_available(std::vector<field_error> lines) {
  const auto all_are = [&](std::string_view code) {
    return std::ranges::all_of(lines,
                               [&](const field_error& e) { return e.code.starts_with(code); });
  };
  const auto refused = [&](std::string code, std::string detail) {
    return problem{problem_kind::conflict, std::move(code), std::move(detail), std::move(lines)};
  };
  if (all_are("quantity_")) {
    return refused("cart_quantity_not_allowed",
                   "Not everything in the cart is sold in its quantity.");
  }
  if (all_are("not_priced")) {
    return refused("cart_not_priced", "Not everything in the cart has a price in its currency.");
  }
  if (all_are("not_sold")) {
    return refused("cart_not_sold", "Not everything in the cart is sold any more.");
  }
  return refused("sold_out", "Not everything in the cart is available.");
}

/// The order at current prices. 409 when a line is unavailable, a code of the cart is not applied
/// or the total is not as expected, 422 for an empty cart.
result<place_order> order_for(const checkout_request& r, const cart::cart_content& cart,
                              const cart_context& context) {
  if (cart.items.empty())
    return problem{problem_kind::validation, "cart_empty", "The cart is empty.", {}};
  place_order order;
  order.cart_id = cart.cart_id;
  order.cart_version = cart.version;
  if (!cart.metadata.empty()) order.metadata = cart.metadata;
  order.note = cart.note;
  if (cart.absorbed) {
    order.merged.emplace();
    for (const auto& a : *cart.absorbed) order.merged->push_back(state_of(a));
  }
  std::vector<field_error> missing;
  for (const auto& item : cart.items) {
    const auto* now = price_in(context.prices, item.product_id);
    if (auto notice = obstacle_to(cart, item, context)) {
      missing.push_back({"/items/" + item.cart_item_id.str(), std::move(notice->code),
                         std::move(notice->detail)});
      continue;
    }
    order.lines.push_back(line_of(item, *now));
  }
  if (!missing.empty()) return not_available(std::move(missing));
  auto priced = quote_of(cart, context);
  if (!priced) return std::move(priced.error());
  if (auto bad = check_shipping(r, cart, context, *priced)) return std::move(*bad);
  order.shipping_method = std::move(priced->shipping);
  if (!priced->unused_codes.empty()) return not_applied(cart, priced->unused_codes);
  order.quote = std::move(priced->quote);
  if (!priced->redemptions.empty()) order.redemptions = std::move(priced->redemptions);
  const auto& total = order.quote.total_amount;
  if (r.expected_total && *r.expected_total != total) {
    return problem{
        problem_kind::conflict,
        "total_changed",
        "The total is " + to_display(total) + " now, not " + to_display(*r.expected_total) + ".",
        {{"/expected_total", "value", "fetch the cart again"}}};
  }
  return order;
}

task<user::get_contact::reply> contact_of(service_calls& calls, const checkout_request& r) {
  const auto& to = r.shipping_address;
  user::get_contact::reply contact{r.email.value_or(""), to.first_name.value_or("")};
  if (to.last_name)
    contact.customer_name += (contact.customer_name.empty() ? "" : " ") + *to.last_name;
  if (calls.context.who.is_user()) {
    user::get_contact query{calls.context.who.user};
    auto own = co_await calls.ask(std::move(query));
    if (contact.email.empty()) contact.email = own.email;
    if (contact.customer_name.empty()) contact.customer_name = own.customer_name;
    contact.locale = own.locale;
    contact.phone = std::move(own.phone);
  } else if (contact.email.empty()) {
    fail(invalid_field("/email", "required", "A guest's order needs an email address."));
  }
  co_return contact;
}

/// The events that end the wait for an order. The client's next request sees their changes.
kernel::awaited_event outcome_of(stoa::order_id id, const checkout_request& r) {
  return {id.value,
          service_calls::applied({"order.action_required", "order.payment_awaited",
                                  "order.confirmed", "order.cancelled"}),
          r.wait};
}

/// The action that the payment requires of the customer, if any.
task<std::optional<payment::next_action>> action_of(service_calls& calls, stoa::order_id id) {
  payment::get_order_payments query{id};
  auto payments = co_await calls.ask(std::move(query));
  std::optional<payment::next_action> action;
  for (auto& p : payments.data) {
    if (p.next_action) action = std::move(p.next_action);
  }
  co_return action;
}

/// Reads the order, with the required action while it is Pending.
task<order_view> order_with_action(service_calls& calls, stoa::order_id id) {
  get_order look{id, true};
  auto order = co_await calls.ask(std::move(look));
  if (order.status == order_status::Pending) order.next_action = co_await action_of(calls, id);
  co_return order;
}

/// Answers a retry of a checkout: with its error again, or with its order, waiting for the outcome
/// if necessary.
task<order_view> repeat_of(service_calls& calls, const checkout_request& r,
                           find_checkout::answer first) {
  calls.replayed = first.same_request;
  if (!calls.replayed) {
    fail({problem_kind::validation,
          "idempotency_key_reused",
          "This Idempotency-Key was already used with a different request.",
          {}});
  }
  if (first.refused) fail(std::move(*first.refused));
  auto id = first.placed->order_id;
  if (first.placed->status == order_status::Pending && !r.async) {
    auto outcome = calls.watch_now("order", outcome_of(id, r));
    // The outcome may have been decided after the order was read and before the watch began.
    auto now = co_await order_with_action(calls, id);
    if (now.status == order_status::Pending && !now.next_action) {
      co_await outcome;
      now = co_await order_with_action(calls, id);
    }
    take_outcome(*first.placed, std::move(now));
  }
  if (decided_recently(*first.placed, calls.now()) && !r.async) {
    co_await calls.applied_now("order", id.value);
  }
  co_return as_of(std::move(*first.placed), r.async);
}

/// For limits and conditions of promotions.
quote_customer customer_of(const service_calls& calls, const checkout_request& r) {
  quote_customer customer;
  if (calls.context.who.is_user()) {
    customer.user_id = calls.context.who.user;
  } else {
    customer.email = r.email;
  }
  customer.to = destination_of(r.shipping_address);
  customer.shipping_method_id = r.shipping_method_id;
  customer.is_checkout = true;
  if (r.taxes) customer.tax_to = tax_address_of(r.shipping_address);
  return customer;
}

/// Adds the gift cards and the store credit to the order. A problem: they cannot be used, or leave
/// an amount for which there is no payment method.
task<std::optional<problem>> pay_with_credit(service_calls& calls, const checkout_request& r,
                                             place_order& order) {
  auto due = order.quote.total_amount;
  if (r.credit.any()) {
    auto credits = co_await credits_of(calls, due, r.credit);
    if (!credits) co_return std::move(credits.error());
    due.amount -= pricing::sum_of(*credits);
    if (!credits->empty()) order.credits = std::move(*credits);
  }
  if (r.has_payment_method || due.amount == 0) co_return std::nullopt;
  co_return problem{problem_kind::validation,
                    "payment_method_required",
                    "The payment of " + to_display(due) + " needs a payment method.",
                    {{"/payment_method", "required", "This field is required."}}};
}

/// Stores the cart of a purchase in one request: the goods are held for it after a declined
/// payment. It is stored last, so that a refused request leaves no cart, and before the order, so
/// that the order removes it. The answer to the first such request is kept for repeats: a cart that
/// was bought is not recreated.
task<kernel::nothing> store_cart(service_calls& calls, const checkout_request& r,
                                 const cart::cart_content& content) {
  auto command = *r.purchase;
  command.items = content.items;
  const bool replayed = calls.replayed;
  co_await calls.command(std::move(command));
  calls.replayed = replayed;  // The answer is new unless that of the order is not.
  co_return kernel::nothing{};
}

/// Builds the order. Returns a problem that must be stored for retries under the same key; fails
/// with problems that may be temporary.
task<result<place_order>> gather_order(service_calls& calls, checkout_request& r) {
  if (r.shipping_address_id || r.billing_address_id) co_await use_saved_addresses(calls, r);
  cart::cart_content cart;
  if (r.purchase) {
    cart = content_of(*r.purchase, calls.now());
  } else {
    cart::get_cart query{r.cart_id};
    auto stored = co_await calls.ask(std::move(query));
    cart = std::move(stored);
  }
  if (r.precondition) {
    auto outdated = kernel::check_precondition(*r.precondition, std::to_string(cart.version));
    if (outdated) fail(std::move(*outdated));
  }
  // Stored concurrently with the price query; not needed for an empty cart, which is rejected.
  std::optional<kernel::pending<kernel::answer>> storing;
  if (!cart.items.empty()) storing = calls.start_command(r.instrument);
  auto context = co_await context_of(calls, cart, r.rules, customer_of(calls, r), r.currency);
  if (r.purchase) {
    if (auto unknown = name_lines(cart, context)) co_return std::move(*unknown);
  }
  if (r.taxes) co_await add_taxes(*r.taxes, cart, context);
  auto command = order_for(r, cart, context);
  if (!command && r.purchase) co_return by_position(std::move(command.error()), cart);
  if (!command) co_return command;
  command->tax = std::move(context.tax);
  auto unpaid = co_await pay_with_credit(calls, r, *command);
  if (unpaid) co_return std::move(*unpaid);
  auto contact = co_await contact_of(calls, r);
  co_await calls.take_started<payment::store_instrument>(std::move(*storing));
  command->order_id = r.order_id;
  if (calls.context.who.is_user()) {
    command->user_id = calls.context.who.user;
  } else {
    command->guest = r.guest;
  }
  command->email = contact.email;
  command->customer_name = contact.customer_name;
  command->phone = stored_phone(r.phone);
  if (!command->phone) command->phone = stored_phone(r.shipping_address.phone);
  // A blank number in the request: the customer does not want to be called at that of the account.
  if (!command->phone && !r.phone) command->phone = stored_phone(contact.phone);
  command->locale = r.locale ? r.locale : contact.locale ? contact.locale : r.client_locale;
  command->billing_address = r.billing_address.value_or(r.shipping_address);
  command->shipping_address = r.shipping_address;
  command->instrument_id = r.instrument.instrument_id;
  if (r.purchase) co_await store_cart(calls, r, cart);
  co_return command;
}

/// A checkout that cannot be performed now may already have been, under the same key.
task<order_view> earlier_or_refused(service_calls& calls, const checkout_request& r, problem why,
                                    bool remembered) {
  find_checkout earlier;
  auto first = co_await calls.ask(std::move(earlier));
  if (!first.found) {
    if (!remembered) fail(std::move(why));
    refuse_checkout refusal{why};
    co_await calls.command(std::move(refusal));  // fails with the reason
    // Not reached, unless a request under the same key has placed an order meanwhile.
    find_checkout later;
    first = co_await calls.ask(std::move(later));
    if (!first.found) fail(std::move(why));
  }
  auto again = co_await repeat_of(calls, r, std::move(first));
  co_return again;
}

}  // namespace

task<order_view> check_out(service_calls& calls, checkout_request r) {
  if (r.taxes) {
    // A repeat asks nothing outside of the store again.
    find_checkout earlier;
    auto first = co_await calls.ask(std::move(earlier));
    if (first.found) {
      auto again = co_await repeat_of(calls, r, std::move(first));
      co_return again;
    }
  }
  std::optional<place_order> gathered;
  problem obstacle;
  bool remembered = false;
  try {
    auto found = co_await gather_order(calls, r);
    remembered = !found;
    if (found) {
      gathered = std::move(*found);
    } else {
      obstacle = std::move(found.error());
    }
  } catch (kernel::problem_error& e) {
    obstacle = std::move(e.content);
  }
  if (!gathered) {
    auto other = co_await earlier_or_refused(calls, r, std::move(obstacle), remembered);
    co_return other;
  }
  auto command = std::move(*gathered);
  auto id = command.order_id;
  if (r.async) {
    auto placed = co_await calls.command(std::move(command));
    co_return as_of(std::move(placed), true);
  }
  auto awaited = outcome_of(id, r);
  auto [placed, outcome] = co_await calls.command_and_watch(std::move(command), std::move(awaited));
  if (placed.order_id != id) {
    // The key was used before: answer with that order.
    find_checkout::answer same{true, true, std::nullopt, std::move(placed)};
    auto again = co_await repeat_of(calls, r, std::move(same));
    co_return again;
  }
  if (outcome) {
    auto now = co_await order_with_action(calls, id);
    take_outcome(placed, std::move(now));
  }
  co_return as_of(std::move(placed), false);
}

std::optional<problem> failure_of(const order_view& v) {
  if (v.status != order_status::Cancelled) return std::nullopt;
  std::string reason = v.status_history.empty()
                           ? std::string()
                           : v.status_history.back().reason.value_or(std::string());
  auto code = v.cancel_code.value_or("");
  if (code == "payment_failed") {
    // The reason begins with the code for customers.
    const auto end = reason.find(": ");
    problem declined{problem_kind::payment_declined, "payment_declined", reason, {}};
    if (end != std::string::npos) {
      declined.errors.push_back({"/payment_method", reason.substr(0, end), reason.substr(end + 2)});
    }
    return declined;
  }
  if (code == "stock_rejected") return conflict("sold_out", reason);
  if (code == "redemption_rejected") return conflict("promotion_unavailable", reason);
  return conflict("order_cancelled", reason);
}

bool decided_recently(const order_view& v, timestamp now) {
  return v.status != order_status::Pending && v.updated_at + outcome_is_new > now;
}

}  // namespace stoa::checkout
