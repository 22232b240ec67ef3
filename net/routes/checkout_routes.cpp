// The purchase, as the edge sees it: gather the cart's lines and today's prices outside any
// transaction and store the payment instrument meanwhile, place the order, wait for its outcome.

#include "actors/kernel/entity_tag.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/user/user_messages.hpp"
#include "config/settings.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/front_metrics.hpp"
#include "net/http/problem_response.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/cart_view.hpp"
#include "net/routes/order_outcome.hpp"
#include "net/routes/prefer.hpp"
#include "storage/base/address.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::order;
using response_task = task<http::response>;

enum class payment_type { card };
BOOST_DESCRIBE_ENUM(payment_type, card)

struct payment_method_body {
  static constexpr std::string_view schema_name = "payment_method";
  payment_type type = payment_type::card;
  std::string token;
  static constexpr json::rule rules[] = {
      {.field = "token",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "a token of the payment gateway, never a card number"}};
};
BOOST_DESCRIBE_STRUCT(payment_method_body, (), (type, token))

struct checkout_body {
  static constexpr std::string_view schema_name = "checkout";
  static constexpr std::string_view example =
      R"({"email":"ada@example.com","shipping_address":{"first_name":"Ada",)"
      R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"London",)"
      R"("postal_code":"N1 9GU","country":"GB"},)"
      R"("payment_method":{"type":"card","token":"tok_visa"}})";
  std::optional<std::string> email;
  address shipping_address;
  std::optional<address> billing_address;
  payment_method_body payment_method;
  std::optional<money> expected_total;
  static constexpr json::rule rules[] = {
      {.field = "email",
       .form = json::format::email,
       .description = "required for a guest; a customer's own address otherwise"}};
};
BOOST_DESCRIBE_STRUCT(checkout_body, (),
                      (email, shipping_address, billing_address, payment_method, expected_total))

std::string location_of(stoa::order_id id) {
  return "/store/v1/orders/" + id.str();
}

/// The order as it was when its outcome was first known (or as it was placed), so that a repeat of
/// the request shows what the first answer showed, whatever has happened since.
order_view as_of(order_view v, bool placed_only) {
  std::size_t shown = placed_only ? 1 : 2;
  if (v.status_history.size() > shown) v.status_history.resize(shown);
  if (v.status_history.empty()) return v;
  v.status = v.status_history.back().status;
  v.updated_at = v.status_history.back().changed_at;
  if (v.status != order_status::Cancelled) v.cancel_code.reset();
  return v;
}

problem refusal_of(const order_view& v) {
  std::string reason = v.status_history.empty()
                           ? std::string()
                           : v.status_history.back().reason.value_or(std::string());
  auto code = v.cancel_code.value_or("");
  if (code == "payment_failed")
    return {problem_kind::payment_declined, "payment_declined", reason, {}};
  if (code == "stock_rejected") return conflict("sold_out", reason);
  return conflict("order_cancelled", reason);
}

http::response answer_with(exchange& x, order_view v, const wait_preference& wait) {
  v = as_of(std::move(v), wait.async);
  auto& metrics = *x.shared->metrics;
  if (v.status == order_status::Cancelled) {
    const auto p = refusal_of(v);
    if (!x.replayed)
      metrics.purchase(p.kind == problem_kind::payment_declined ? "declined" : p.code);
    auto r = http::problem_response(http_problem(p), x.context.request_id);
    r.headers.emplace_back("Location", location_of(v.order_id));
    return r;
  }
  bool pending = v.status == order_status::Pending;
  if (!x.replayed) metrics.purchase(pending ? "pending" : "confirmed");
  auto r = x.json(pending ? 202 : 201, v);
  // The tag is of what GET shows, which does not have the token.
  const auto tag = kernel::entity_tag(r.body);
  if (!v.user_id) {
    v.access_token = x.token_of(v.order_id);
    r = x.json(r.status, v);
    r.secret = true;
  }
  r = x.with_etag(std::move(r), tag);
  r.headers.emplace_back("Location", location_of(v.order_id));
  if (wait.applied) r.headers.emplace_back("Preference-Applied", wait.applied_text);
  return r;
}

merged_state state_of(const cart::absorbed_cart& merged) {
  merged_state state{merged.cart_id, merged.version};
  if (merged.lines) {
    state.lines.emplace();
    for (const auto& l : *merged.lines) state.lines->push_back(l.from);
  }
  return state;
}

/// What the cart costs now. 409 when something cannot be had or the total is not as expected, 422
/// when there is nothing.
result<place_order> order_for(exchange& x, const cart::cart_content& cart,
                              const catalog::price_list& prices,
                              const std::optional<money>& expected_total) {
  if (cart.items.empty())
    return problem{problem_kind::validation, "cart_empty", "The cart is empty.", {}};
  place_order order;
  order.cart_id = cart.cart_id;
  order.cart_version = cart.version;
  if (!cart.metadata.empty()) order.metadata = cart.metadata;
  if (cart.absorbed) {
    order.merged.emplace();
    for (const auto& a : *cart.absorbed) order.merged->push_back(state_of(a));
  }
  order.total = {0, x.shared->config->store.currency};
  std::vector<field_error> missing;
  for (const auto& item : cart.items) {
    const auto* now = price_in(prices, item.product_id);
    if (auto notice = notice_of(item, now)) {
      missing.push_back({"/items/" + item.cart_item_id.str(), std::move(notice->code),
                         std::move(notice->detail)});
      continue;
    }
    auto line_total = multiply(now->price, item.quantity);
    auto sum = line_total ? add(order.total, *line_total) : std::nullopt;
    if (!sum) {
      return problem{problem_kind::validation,
                     "total_too_large",
                     "The total is beyond what one order may cost.",
                     {}};
    }
    order.total = *sum;
    order.lines.push_back(
        {item.product_id, now->name, item.quantity, now->price, item.cart_item_id});
  }
  if (!missing.empty()) {
    return problem{problem_kind::conflict, "sold_out", "Not everything in the cart can be had.",
                   std::move(missing)};
  }
  if (expected_total && *expected_total != order.total) {
    return problem{problem_kind::conflict,
                   "total_changed",
                   "The total is " + to_display(order.total) + " now, not " +
                       to_display(*expected_total) + ".",
                   {{"/expected_total", "value", "look at the cart again"}}};
  }
  return order;
}

task<user::get_contact::reply> contact_of(exchange& x, const checkout_body& body) {
  const auto& to = body.shipping_address;
  user::get_contact::reply contact{body.email.value_or(""), to.first_name.value_or("")};
  if (to.last_name)
    contact.customer_name += (contact.customer_name.empty() ? "" : " ") + *to.last_name;
  if (x.context.who.is_user()) {
    user::get_contact query{x.context.who.user};
    auto own = co_await x.ask(std::move(query));
    if (contact.email.empty()) contact.email = own.email;
    if (contact.customer_name.empty()) contact.customer_name = own.customer_name;
  } else if (contact.email.empty()) {
    fail(invalid_field("/email", "required", "A guest's order needs an e-mail address."));
  }
  co_return contact;
}

/// Enough of a token to recognise it, not enough to use it.
std::string hint_of(std::string_view token) {
  constexpr std::size_t shown_from = 12;
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain || token.size() < shown_from) return "***";
  return std::string(token.substr(0, 4)) + "***" + std::string(token.substr(token.size() - 2));
}

/// The instrument's id follows from the request: a repeat stores no second one, and another request
/// under the same key never pays with it. A UUIDv8 (RFC 9562).
stoa::instrument_id instrument_id_of(const exchange& x) {
  const auto bytes =
      text::keyed_hash(x.shared->secret->bytes,
                       "instrument\n" + x.context.idempotency_scope + "\n" + x.context.fingerprint);
  stoa::instrument_id id;
  std::copy_n(bytes.begin(), id.value.bytes.size(), id.value.bytes.begin());
  id.value.bytes[6] = static_cast<std::uint8_t>((id.value.bytes[6] & 0x0F) | 0x80);
  id.value.bytes[8] = static_cast<std::uint8_t>((id.value.bytes[8] & 0x3F) | 0x80);
  return id;
}

/// From here on only the instrument's id travels; its token is encrypted before it leaves this
/// node.
payment::store_instrument instrument_of(const exchange& x, const payment_method_body& method,
                                        stoa::order_id order) {
  return {instrument_id_of(x), order, std::string(enum_name(method.type)),
          x.shared->instruments->seal(method.token), hint_of(method.token)};
}

/// What ends the wait for an order. The client's next request sees what the outcome has changed.
kernel::awaited_event outcome_of(stoa::order_id id, const wait_preference& wait) {
  return {id.value, exchange::applied({"order.confirmed", "order.cancelled"}), wait.time};
}

/// A repeat of a checkout: its refusal again, or the order it placed, waited for if need be.
response_task repeat_of(exchange& x, find_checkout::answer first, wait_preference wait) {
  x.replayed = first.same_request;
  if (!x.replayed) {
    fail({422, "idempotency_key_reused", "This Idempotency-Key belongs to another request.", {}});
  }
  if (first.refused) fail(std::move(*first.refused));
  auto id = first.placed->order_id;
  if (first.placed->status == order_status::Pending && !wait.async) {
    auto outcome = x.watch_now("order", outcome_of(id, wait));
    // The outcome may have been decided after the order was read and before the watch began.
    get_order look{id, true};
    auto now = co_await x.ask(std::move(look));
    if (now.status == order_status::Pending) {
      co_await outcome;
      get_order again{id, true};
      now = co_await x.ask(std::move(again));
    }
    first.placed = std::move(now);
  }
  if (decided_lately(*first.placed) && !wait.async) co_await x.applied_now("order", id.value);
  co_return answer_with(x, std::move(*first.placed), wait);
}

/// What to order, or why a repeat under the same key is refused, too; fails with what may be
/// otherwise in a moment.
task<result<place_order>> gather_order(exchange& x, const checkout_body& body) {
  cart::get_cart cart_query{x.path_id<stoa::cart_id>("cart_id", "cart")};
  auto cart = co_await x.ask(std::move(cart_query));
  refuse_outdated(x, cart);
  const stoa::order_id order_id{system_ids().next_v7()};
  auto instrument = instrument_of(x, body.payment_method, order_id);
  const auto instrument_id = instrument.instrument_id;
  // Stored while the prices are looked up. An empty cart is refused without it.
  std::optional<pending<kernel::answer>> storing;
  if (!cart.items.empty()) storing = x.start_command(std::move(instrument));
  auto prices = co_await prices_of(x, cart);
  auto command = order_for(x, cart, prices, body.expected_total);
  if (!command) co_return command;
  auto contact = co_await contact_of(x, body);
  co_await x.take_started<payment::store_instrument>(std::move(*storing));
  command->order_id = order_id;
  if (x.context.who.is_user()) {
    command->user_id = x.context.who.user;
  } else {
    command->guest = x.shared->limits->guest_key(x);
  }
  command->email = contact.email;
  command->customer_name = contact.customer_name;
  command->billing_address = body.billing_address.value_or(body.shipping_address);
  command->shipping_address = body.shipping_address;
  command->instrument_id = instrument_id;
  co_return command;
}

/// A checkout that cannot be carried out now: it may have been, under the same key.
response_task earlier_or_refused(exchange& x, http::problem why, std::optional<problem> remembered,
                                 wait_preference wait) {
  find_checkout earlier;
  auto first = co_await x.ask(std::move(earlier));
  if (!first.found) {
    if (!remembered) fail(std::move(why));
    if (remembered->code == "sold_out") x.shared->metrics->purchase("sold_out");
    refuse_checkout refusal{*remembered};
    co_await x.command(std::move(refusal));  // fails with the reason
    // It did not: a request under the same key has placed an order meanwhile.
    find_checkout later;
    first = co_await x.ask(std::move(later));
    if (!first.found) fail(std::move(why));
  }
  auto again = co_await repeat_of(x, std::move(first), wait);
  co_return again;
}

response_task checkout(exchange& x, checkout_body body) {
  co_await confirm_session(x);
  auto wait = wait_preference_of(x);
  x.context.deadline = x.context.deadline + wait.time;
  std::optional<place_order> gathered;
  http::problem obstacle;
  std::optional<problem> remembered;
  try {
    auto found = co_await gather_order(x, body);
    if (found) {
      gathered = std::move(*found);
    } else {
      remembered = std::move(found.error());
      obstacle = http_problem(*remembered);
    }
  } catch (problem_error& e) {
    obstacle = std::move(e.content);
  }
  if (!gathered) {
    auto other = co_await earlier_or_refused(x, std::move(obstacle), remembered, wait);
    co_return other;
  }
  auto command = std::move(*gathered);
  auto id = command.order_id;
  if (wait.async) {
    auto placed = co_await x.command(std::move(command));
    co_return answer_with(x, std::move(placed), wait);
  }
  auto awaited = outcome_of(id, wait);
  auto [placed, outcome] = co_await x.command_and_watch(std::move(command), std::move(awaited));
  if (placed.order_id != id) {
    // The key was used before: the answer is that order's.
    find_checkout::answer same{true, true, std::nullopt, std::move(placed)};
    auto again = co_await repeat_of(x, std::move(same), wait);
    co_return again;
  }
  if (outcome) {
    get_order look{id, true};
    placed = co_await x.ask(std::move(look));
  }
  co_return answer_with(x, std::move(placed), wait);
}

}  // namespace

void add_checkout_routes(routes& r) {
  r.post<checkout_body, order_view>(
      "/store/v1/carts/{cart_id}/checkout",
      {.id = "checkout",
       .tag = "carts",
       .summary = "Order what is in the cart and pay; waits for the outcome (Prefer: wait=N, "
                  "respond-async)",
       .success = {201, 202},
       .errors = {402, 404, 409, 412},
       .key_required = true,
       .if_match = true,
       .request_fields = {"Prefer"},
       .answer_fields = {"Location", "Preference-Applied"},
       .refuse_cards = true,
       .limit = limit_class::checkout,
       .json_values_max = 200},
      checkout);
}

}  // namespace stoa::front
