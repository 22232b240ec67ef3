// Codes of promotions in carts, and quotes for an address.

#include "actors/cart/cart_messages.hpp"
#include "actors/checkout/checkout_parts.hpp"
#include "actors/pricing/pricing_messages.hpp"
#include "actors/pricing/promotion_rules.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/cart_view.hpp"
#include "net/routes/gift_card_code.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using response_task = task<http::response>;

constexpr json::rule code_rule{
    .field = "code",
    .length_min = 1,
    .length_max = pricing::code_length_max,
    .form = json::format::line,
    .description = "A code of a promotion. Upper and lower case are equal.",
    .example = R"("SUMMER10")"};

struct cart_code_body {
  static constexpr std::string_view schema_name = "cart_code";
  std::string code;
  static constexpr json::rule rules[] = {code_rule};
};
BOOST_DESCRIBE_STRUCT(cart_code_body, (), (code))

constexpr json::rule saved_address_rule{
    .field = "shipping_address_id",
    .description = "Instead of shipping_address: the profile_id of one of the user's addresses."};

field_error two_addresses() {
  return {"/shipping_address_id", "exclusive", "Either the address or the id of a saved one."};
}

struct quote_body {
  static constexpr std::string_view schema_name = "quote_request";
  std::optional<std::string> email;
  std::optional<address> shipping_address;
  std::optional<stoa::profile_id> shipping_address_id;
  std::optional<stoa::shipping_method_id> shipping_method_id;
  std::optional<std::vector<std::string>> codes;
  std::vector<std::string> gift_cards;
  bool use_store_credit = false;
  static constexpr std::string_view defaults[] = {"gift_cards", "use_store_credit"};
  static constexpr json::rule rules[] = {
      gift_cards_rule,
      store_credit_rule,
      {.field = "shipping_address",
       .description = "Without an address neither shipping nor taxes are part of the quote."},
      saved_address_rule,
      {.field = "shipping_method_id",
       .description =
           "One of the cart's shipping options for the address. Without it the quote has "
           "no costs of shipping."},
      {.field = "email",
       .form = json::format::email,
       .description = "That of the order, for conditions and limits of promotions; an account "
                      "needs none."},
      {.field = "codes",
       .length_max = cart::codes_max,
       .form = json::format::line,
       .description = "Codes of promotions to try instead of those of the cart."}};
  void check(std::vector<field_error>& errors) const {
    if (shipping_address && shipping_address_id) errors.push_back(two_addresses());
  }
};
BOOST_DESCRIBE_STRUCT(quote_body, (),
                      (email, shipping_address, shipping_address_id, shipping_method_id, codes,
                       gift_cards, use_store_credit))

struct options_body {
  static constexpr std::string_view schema_name = "shipping_options_request";
  static constexpr std::string_view example =
      R"({"shipping_address":{"first_name":"Ada","last_name":"Lovelace",)"
      R"("address_line1":"1 Main Street","city":"London","postal_code":"N1 9GU","country":"GB"}})";
  std::optional<address> shipping_address;
  std::optional<stoa::profile_id> shipping_address_id;
  static constexpr json::rule rules[] = {
      {.field = "shipping_address", .description = "Required without shipping_address_id."},
      saved_address_rule};
  void check(std::vector<field_error>& errors) const {
    if (!shipping_address && !shipping_address_id) {
      errors.push_back({"/shipping_address", "required", "This field is required."});
    }
    if (shipping_address && shipping_address_id) errors.push_back(two_addresses());
  }
};
BOOST_DESCRIBE_STRUCT(options_body, (), (shipping_address, shipping_address_id))

struct shipping_option_view {
  static constexpr std::string_view schema_name = "shipping_option";
  stoa::shipping_method_id shipping_method_id;
  std::string name;
  std::optional<std::string> description;
  shipping_kind kind = shipping_kind::delivery;
  money amount;
  std::optional<std::int64_t> days_min;
  std::optional<std::int64_t> days_max;
  std::optional<stoa::location_id> location_id;
};
BOOST_DESCRIBE_STRUCT(shipping_option_view, (),
                      (shipping_method_id, name, description, kind, amount, days_min, days_max,
                       location_id))

struct shipping_option_list {
  static constexpr std::string_view schema_name = "shipping_option_list";
  std::vector<shipping_option_view> data;
};
BOOST_DESCRIBE_STRUCT(shipping_option_list, (), (data))

stoa::cart_id quoted_cart(const exchange& x) {
  return x.path_id<stoa::cart_id>("cart_id", "cart");
}

response_task add_code(exchange& x, cart_code_body body) {
  cart::add_code command{quoted_cart(x), {}, {}};
  command.if_match = co_await version_wanted(x, command.cart_id);
  code_lookup lookup(x, true, command.cart_id);
  pricing::look_up query{{body.code}, {}};
  auto found = co_await x.ask(std::move(query));
  const auto& code = found.codes.front();
  if (!code.promotion_id) {
    lookup.failed(1);
    fail(invalid_field("/code", "unknown", "There is no such code."));
  }
  command.code = code.code;
  auto content = co_await x.command(std::move(command));
  auto answer = co_await cart_answer(x, 200, std::move(content));
  co_return answer;
}

response_task remove_code_of(exchange& x, none) {
  cart::remove_code command{quoted_cart(x), x.path_value("code"), {}};
  command.if_match = co_await version_wanted(x, command.cart_id);
  auto content = co_await x.command(std::move(command));
  auto answer = co_await cart_answer(x, 200, std::move(content));
  co_return answer;
}

/// The address of the request: given, or saved by the user.
template <class Body>
task<std::optional<address>> address_of(exchange& x, Body body) {
  if (!body.shipping_address_id) co_return std::move(body.shipping_address);
  auto saved =
      co_await checkout::saved_address(x, *body.shipping_address_id, "/shipping_address_id");
  co_return saved;
}

response_task shipping_options(exchange& x, options_body body) {
  cart::get_cart query{quoted_cart(x)};
  auto content = co_await x.ask(std::move(query));
  auto to = co_await address_of(x, std::move(body));
  checkout::quote_customer customer;
  customer.to = checkout::destination_of(*to);
  auto context = co_await cart_context_of(x, content, std::move(customer), {});
  shipping_option_list list;
  for (const auto& [method, amount] : checkout::offers_of(content, context)) {
    list.data.push_back({*method->shipping_method_id,
                         method->name,
                         method->description,
                         method->kind,
                         {amount, context.basket.currency},
                         method->days_min,
                         method->days_max,
                         method->location_id});
  }
  co_return x.json(200, list);
}

std::int64_t unknown_codes_in(const quote_view& quote) {
  return std::ranges::count_if(quote.notices, [](const checkout::cart_notice& n) {
    return n.code == "code_not_applied" && n.reason == "unknown";
  });
}

response_task quote_cart(exchange& x, quote_body body) {
  cart::get_cart query{quoted_cart(x)};
  auto content = co_await x.ask(std::move(query));
  if (body.codes) content.codes = *body.codes;
  auto to = co_await address_of(x, body);
  checkout::quote_customer customer;
  customer.email = std::move(body.email);
  if (to) customer.to = checkout::destination_of(*to);
  if (to && x.shared->taxes) customer.tax_to = checkout::tax_address_of(*to);
  customer.shipping_method_id = body.shipping_method_id;
  checkout::credit_wish wish{gift_card_keys(x, body.gift_cards), body.use_store_credit};
  const bool tries_codes = body.codes && !body.codes->empty();
  code_lookup lookup(x, tries_codes || !body.gift_cards.empty(), quoted_cart(x));
  try {
    auto quote = co_await quote_of_cart(x, content, std::move(customer), std::move(wish));
    if (tries_codes) lookup.failed(unknown_codes_in(quote));
    co_return x.json(200, quote);
  } catch (...) {
    lookup.failed(std::current_exception());
    throw;
  }
}

}  // namespace

void add_cart_code_routes(routes& r) {
  r.post<cart_code_body, cart_view>(
      "/store/v1/carts/{cart_id}/codes",
      {.id = "add_cart_code",
       .tag = "carts",
       .summary = "Add the code of a promotion to the cart",
       .description = "A code stays in the cart also while it reduces nothing; a notice says why. "
                      "422 `validation_failed` for a code that does not exist.",
       .errors = {404, 412, 422},
       .if_match = true,
       .reject_cards = true,
       .body_bytes_max = 4096,
       .json_values_max = 50},
      add_code);
  r.del<none, cart_view>("/store/v1/carts/{cart_id}/codes/{code}",
                         {.id = "remove_cart_code",
                          .tag = "carts",
                          .summary = "Remove the code of a promotion from the cart",
                          .errors = {404, 412},
                          .if_match = true},
                         remove_code_of);
  r.post<options_body, shipping_option_list>(
      "/store/v1/carts/{cart_id}/shipping-options",
      {.id = "list_shipping_options",
       .tag = "carts",
       .summary = "List the shipping methods for the cart and an address, with their prices",
       .description = "Prices are those before promotions. The list is empty if the store does not "
                      "deliver to the address, or has no shipping zones: then a checkout chooses "
                      "no method.",
       .errors = {404, 422},
       .reject_cards = true,
       .json_values_max = 200},
      shipping_options);
  r.post<quote_body, quote_view>(
      "/store/v1/carts/{cart_id}/quote",
      {.id = "quote_cart",
       .tag = "carts",
       .summary = "Get the cart with its prices for an address, an email address and codes",
       .description = "Nothing is changed or reserved. The checkout with the same data has this "
                      "total unless prices, stock or promotions change in between; "
                      "`expected_total` of the checkout makes sure.",
       .errors = {404, 422},
       .reject_cards = true,
       .json_values_max = 200},
      quote_cart);
}

}  // namespace stoa::front
