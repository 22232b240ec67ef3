// The checkout over HTTP: parses the request, runs the process, renders the response.

#include "actors/checkout/checkout.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "actors/payment/payment_method.hpp"
#include "config/settings.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/security_log.hpp"
#include "net/http/problem_response.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/cart_view.hpp"
#include "net/routes/checkout_bodies.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/exchange_taxes.hpp"
#include "net/routes/gift_card_code.hpp"
#include "net/routes/instruments.hpp"
#include "net/routes/language.hpp"
#include "net/routes/prefer.hpp"
#include "net/routes/product_prices.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::order;
using response_task = task<http::response>;

std::string location_of(stoa::order_id id) {
  return "/store/v1/orders/" + id.str();
}

/// The id of the cart that a purchase in one request made: it holds the goods after a declined
/// payment, and can be checked out again.
constexpr const char* cart_field = "Stoa-Cart";

http::response answer_with(exchange& x, order_view v, const wait_preference& wait,
                           std::optional<stoa::cart_id> made) {
  auto& metrics = *x.shared->metrics;
  if (auto p = checkout::failure_of(v)) {
    if (!x.replayed)
      metrics.purchase(p->kind == problem_kind::payment_declined ? "declined" : p->code);
    auto r = http::problem_response(http_problem(*p), x.context.request_id);
    r.headers.emplace_back("Location", location_of(v.order_id));
    const bool is_declined = p->kind == problem_kind::payment_declined;
    if (made && is_declined) r.headers.emplace_back(cart_field, made->str());
    return r;
  }
  bool pending = v.status == order_status::Pending;
  if (!x.replayed) metrics.purchase(pending ? "pending" : "confirmed");
  auto r = x.json(pending ? 202 : 201, v);
  // The tag is that of GET, which does not return the token.
  const auto tag = kernel::entity_tag(r.body);
  if (!v.user_id) {
    v.access_token = x.token_of(v.order_id);
    r = x.json(r.status, v);
    r.secret = true;
  }
  r = x.with_etag(std::move(r), tag);
  r.headers.emplace_back("Location", location_of(v.order_id));
  if (made && pending) r.headers.emplace_back(cart_field, made->str());
  if (wait.applied) r.headers.emplace_back("Preference-Applied", wait.applied_text);
  return r;
}

/// From here on only the instrument's id is passed on; the token is encrypted before it leaves this
/// node.
payment::store_instrument instrument_of(const exchange& x, const payment_method_body& method,
                                        stoa::order_id order, bool save) {
  payment::store_instrument command{id_of_request<stoa::instrument_id>(x, "instrument"), order,
                                    std::string(enum_name(method.type)),
                                    x.shared->instruments->seal(method.token.value_or("")),
                                    method.token ? hint_of(*method.token) : std::string()};
  command.saved = method.saved_payment_method_id;
  if (save) {
    command.save_as = id_of_request<stoa::payment_method_id>(x, "saved method");
    command.user_id = x.context.who.user;
  }
  return command;
}

checkout::checkout_request request_of(const exchange& x, checkout_body body,
                                      const wait_preference& wait) {
  checkout::checkout_request r;
  r.order_id = {system_ids().next_v7()};
  r.currency = x.shared->config->store.currency;
  r.instrument = instrument_of(x, body.payment_method.value_or(payment_method_body{}), r.order_id,
                               body.save_payment_method);
  r.has_payment_method = body.payment_method.has_value();
  r.credit = {gift_card_keys(x, body.gift_cards), body.use_store_credit};
  r.email = std::move(body.email);
  r.phone = std::move(body.phone);
  r.locale = canonical_locale(body.locale);
  r.client_locale = preferred_language(x);
  r.shipping_address = std::move(body.shipping_address).value_or(address{});
  r.shipping_address_id = body.shipping_address_id;
  r.billing_address_id = body.billing_address_id;
  r.billing_address = std::move(body.billing_address);
  r.expected_total = std::move(body.expected_total);
  r.shipping_method_id = body.shipping_method_id;
  if (!x.context.who.is_user()) r.guest = x.shared->limits->guest_key(x);
  r.wait = wait.time;
  r.async = wait.async;
  return r;
}

void check_offered(const exchange& x, payment::payment_method method) {
  const auto& offered = x.shared->config->payment.methods;
  if (std::ranges::find(offered, enum_name(method)) != offered.end()) return;
  fail({problem_kind::validation,
        "payment_method_not_offered",
        "The store does not offer this payment method.",
        {{"/payment_method/type", "unsupported",
          "GET /store/v1/payment-methods lists the methods that it offers."}}});
}

void check_may_save(const exchange& x, payment::payment_method method) {
  if (!x.context.who.is_user()) {
    fail(invalid_field("/save_payment_method", "unsupported",
                       "Only users can save a payment method."));
  }
  check_can_be_saved(x, method, "/save_payment_method");
}

void check_payment(const exchange& x, const checkout_body& body) {
  if (body.payment_method) check_offered(x, body.payment_method->type);
  if (body.save_payment_method && body.payment_method) {
    check_may_save(x, body.payment_method->type);
  }
  if (body.payment_method && body.payment_method->saved_payment_method_id &&
      !x.context.who.is_user()) {
    fail(invalid_field("/payment_method/saved_payment_method_id", "unsupported",
                       "Only users have saved payment methods."));
  }
}

/// A payment method that nothing is paid with is not saved.
void log_saving(const exchange& x, const order_view& order) {
  const bool nothing_is_due = order.amount_due && order.amount_due->amount == 0;
  if (order.status == order_status::Cancelled || nothing_is_due) return;
  auto& security = *x.shared->security;
  order.status == order_status::Pending ? security.payment_method_pending(x)
                                        : security.payment_method_saved(x);
}

response_task run(exchange& x, checkout::checkout_request request, wait_preference wait) {
  x.context.deadline = x.context.deadline + wait.time;
  std::optional<stoa::cart_id> made;
  if (request.purchase) made = request.cart_id;
  const bool saves = request.instrument.save_as.has_value();
  const bool has_codes = !request.credit.gift_card_keys.empty() ||
                         (request.purchase && !request.purchase->codes.empty());
  code_lookup lookup(x, has_codes,
                     request.purchase ? std::nullopt : std::optional(request.cart_id));
  auto rules = co_await current_rules(x);
  request.rules = std::move(rules);
  if (x.shared->taxes) request.taxes = std::make_shared<exchange_taxes>(x);
  try {
    auto order = co_await checkout::check_out(x, std::move(request));
    if (saves && !x.replayed) log_saving(x, order);
    co_return answer_with(x, std::move(order), wait, made);
  } catch (const kernel::problem_error& e) {
    if (!x.replayed) lookup.failed(std::current_exception());
    if (e.content.code == "sold_out" && !x.replayed) x.shared->metrics->purchase("sold_out");
    throw;
  } catch (...) {
    if (!x.replayed) lookup.failed(std::current_exception());
    throw;
  }
}

response_task check_out(exchange& x, checkout_body body) {
  check_payment(x, body);
  co_await confirm_session(x);
  auto wait = wait_preference_of(x);
  auto request = request_of(x, std::move(body), wait);
  request.cart_id = x.path_id<stoa::cart_id>("cart_id", "cart");
  request.precondition = cart_precondition(x);
  auto answer = co_await run(x, std::move(request), std::move(wait));
  co_return answer;
}

/// A hundred lines with their notes and properties, in any JSON form, and an address.
constexpr std::size_t purchase_bytes_max = std::size_t{192} << 10;

/// The cart of a purchase, with ids that are derived from the request.
cart::create_for_purchase cart_of_purchase(const exchange& x, purchase_body& body) {
  cart::create_for_purchase made;
  made.cart_id = id_of_request<stoa::cart_id>(x, "cart");
  if (x.context.who.is_user()) made.user_id = x.context.who.user;
  for (auto& item : body.items) {
    auto& line = made.items.emplace_back();
    const auto place = made.items.size();
    line.cart_item_id = id_of_request<stoa::cart_item_id>(x, "item " + std::to_string(place));
    // Lines are sorted by their ids: they keep the order of the request.
    line.cart_item_id.value.bytes[0] = static_cast<std::uint8_t>(place >> 8);
    line.cart_item_id.value.bytes[1] = static_cast<std::uint8_t>(place);
    line.product_id = item.product_id;
    line.quantity = item.quantity;
    if (item.note && !item.note->empty()) line.note = std::move(item.note);
    if (!item.properties.empty()) line.properties = stored_properties(item.properties);
  }
  made.codes = std::move(body.codes);
  if (body.note && !body.note->empty()) made.note = std::move(body.note);
  return made;
}

response_task purchase(exchange& x, purchase_body body) {
  check_payment(x, body);
  if (x.context.idempotency_scope.empty()) {
    fail({400,
          "client_secret_required",
          "A guest's purchase requires a Client-Secret.",
          {{"#Client-Secret", "required", "at least 128 random bits"}}});
  }
  auto cart = cart_of_purchase(x, body);
  metadata_change wanted;
  for (auto& [key, value] : body.metadata.value_or(metadata{})) wanted[key] = {value};
  auto metadata = changed_metadata({}, wanted);
  if (!metadata) fail(std::move(metadata.error()));
  cart.metadata = std::move(*metadata);
  co_await confirm_session(x);
  if (body.currency) {
    auto currency = co_await stored_currency(x, std::move(*body.currency));
    cart.currency = std::move(currency);
  }
  auto wait = wait_preference_of(x);
  checkout_body& rest = body;
  auto request = request_of(x, std::move(rest), wait);
  request.cart_id = cart.cart_id;
  request.purchase = std::move(cart);
  auto answer = co_await run(x, std::move(request), std::move(wait));
  co_return answer;
}

}  // namespace

void add_checkout_routes(routes& r) {
  r.post<purchase_body, order_view>(
      "/store/v1/checkout",
      {.id = "purchase",
       .tag = "carts",
       .summary = "Order and pay for products in one request, without a cart",
       .description =
           "Prices, promotions, taxes, stock and outcomes are those of the checkout of a cart with "
           "these items. A guest needs a `Client-Secret`, so that a repeat buys nothing twice. "
           "After a declined payment the goods stay reserved for the cart in `Stoa-Cart`: check it "
           "out to try again with another payment method.",
       .success = {201, 202},
       .errors = {402, 404, 409},
       .key_required = true,
       .request_fields = {"Prefer"},
       .answer_fields = {"Location", "Preference-Applied", "Stoa-Cart", "ETag"},
       .reject_cards = true,
       .limit = limit_class::checkout,
       .body_bytes_max = purchase_bytes_max,
       .json_values_max = 5000},
      purchase);
  r.post<checkout_body, order_view>(
      "/store/v1/carts/{cart_id}/checkout",
      {.id = "checkout",
       .tag = "carts",
       .summary = "Order and pay for the cart's content; waits for the outcome (Prefer: wait=N, "
                  "respond-async)",
       .success = {201, 202},
       .errors = {402, 404, 409, 412},
       .key_required = true,
       .if_match = true,
       .request_fields = {"Prefer"},
       .answer_fields = {"Location", "Preference-Applied"},
       .reject_cards = true,
       .limit = limit_class::checkout,
       .json_values_max = 200},
      check_out);
}

}  // namespace stoa::front
