// The checkout over HTTP: parses the request, runs the process, renders the response.

#include "actors/checkout/checkout.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "actors/payment/payment_method.hpp"
#include "config/settings.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/front_metrics.hpp"
#include "net/http/problem_response.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/cart_view.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/exchange_taxes.hpp"
#include "net/routes/gift_card_code.hpp"
#include "net/routes/language.hpp"
#include "net/routes/prefer.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::order;
using response_task = task<http::response>;

struct payment_method_body {
  static constexpr std::string_view schema_name = "payment_method";
  payment::payment_method type = payment::payment_method::card;
  std::optional<std::string> token;
  static constexpr json::rule rules[] = {
      {.field = "token",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "For card: a token of the payment gateway, not a card number. The other "
                      "types have none."}};
  void check(std::vector<field_error>& errors) const {
    const bool needs_token = type == payment::payment_method::card;
    if (needs_token && !token) errors.push_back({"/token", "required", "A card needs a token."});
    if (!needs_token && token) {
      errors.push_back({"/token", "unsupported", "Only a card has a token."});
    }
  }
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
  std::optional<payment_method_body> payment_method;
  std::optional<money> expected_total;
  std::optional<std::string> phone;
  std::optional<std::string> locale;
  std::optional<stoa::shipping_method_id> shipping_method_id;
  std::vector<std::string> gift_cards;
  bool use_store_credit = false;
  static constexpr std::string_view defaults[] = {"gift_cards", "use_store_credit"};
  static constexpr json::rule rules[] = {
      gift_cards_rule,
      store_credit_rule,
      {.field = "payment_method",
       .description = "Required unless gift cards and store credit pay the whole total."},
      {.field = "shipping_method_id",
       .description = "One of the cart's shipping options for the address. Required if the store "
                      "has shipping zones."},
      {.field = "email",
       .form = json::format::email,
       .description = "Required for guests; defaults to the user's email address."},
      {.field = "phone",
       .form = json::format::phone,
       .description =
           "The customer's phone number, also for text messages; defaults to that of the "
           "shipping address, then to that of the account. Blank: not the account's."},
      locale_rule("The customer's language (BCP 47), for emails; defaults to that of the account, "
                  "then to Accept-Language."),
      {.field = "expected_total", .value_min = 0}};
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
};
BOOST_DESCRIBE_STRUCT(checkout_body, (),
                      (email, shipping_address, billing_address, payment_method, expected_total,
                       phone, locale, shipping_method_id, gift_cards, use_store_credit))

std::string location_of(stoa::order_id id) {
  return "/store/v1/orders/" + id.str();
}

http::response answer_with(exchange& x, order_view v, const wait_preference& wait) {
  auto& metrics = *x.shared->metrics;
  if (auto p = checkout::failure_of(v)) {
    if (!x.replayed)
      metrics.purchase(p->kind == problem_kind::payment_declined ? "declined" : p->code);
    auto r = http::problem_response(http_problem(*p), x.context.request_id);
    r.headers.emplace_back("Location", location_of(v.order_id));
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
  if (wait.applied) r.headers.emplace_back("Preference-Applied", wait.applied_text);
  return r;
}

/// A hint that identifies a token but cannot be used.
std::string hint_of(std::string_view token) {
  constexpr std::size_t shown_from = 12;
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain || token.size() < shown_from) return "***";
  return std::string(token.substr(0, 4)) + "***" + std::string(token.substr(token.size() - 2));
}

/// The instrument's id is derived from the request: a repeat stores no second one, and another
/// request under the same key never pays with it. A UUIDv8 (RFC 9562).
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

/// From here on only the instrument's id is passed on; the token is encrypted before it leaves this
/// node.
payment::store_instrument instrument_of(const exchange& x, const payment_method_body& method,
                                        stoa::order_id order) {
  return {instrument_id_of(x), order, std::string(enum_name(method.type)),
          x.shared->instruments->seal(method.token.value_or("")),
          method.token ? hint_of(*method.token) : std::string()};
}

checkout::checkout_request request_of(const exchange& x, checkout_body body,
                                      const wait_preference& wait) {
  checkout::checkout_request r;
  r.cart_id = x.path_id<stoa::cart_id>("cart_id", "cart");
  r.order_id = {system_ids().next_v7()};
  r.currency = x.shared->config->store.currency;
  r.precondition = cart_precondition(x);
  r.instrument = instrument_of(x, body.payment_method.value_or(payment_method_body{}), r.order_id);
  r.has_payment_method = body.payment_method.has_value();
  r.credit = {gift_card_keys(x, body.gift_cards), body.use_store_credit};
  r.email = std::move(body.email);
  r.phone = std::move(body.phone);
  r.locale = canonical_locale(body.locale);
  r.client_locale = preferred_language(x);
  r.shipping_address = std::move(body.shipping_address);
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

response_task check_out(exchange& x, checkout_body body) {
  if (body.payment_method) check_offered(x, body.payment_method->type);
  co_await confirm_session(x);
  auto wait = wait_preference_of(x);
  x.context.deadline = x.context.deadline + wait.time;
  auto request = request_of(x, std::move(body), wait);
  auto rules = co_await current_rules(x);
  request.rules = std::move(rules);
  if (x.shared->taxes) request.taxes = std::make_shared<exchange_taxes>(x);
  try {
    auto order = co_await checkout::check_out(x, std::move(request));
    co_return answer_with(x, std::move(order), wait);
  } catch (const kernel::problem_error& e) {
    if (e.content.code == "sold_out" && !x.replayed) x.shared->metrics->purchase("sold_out");
    throw;
  }
}

}  // namespace

void add_checkout_routes(routes& r) {
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
