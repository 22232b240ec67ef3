#include "actors/checkout/cart_prices.hpp"
#include "config/settings.hpp"
#include "net/front/price_rules.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/cart_view.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/product_expansion.hpp"
#include "net/routes/product_prices.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using response_task = task<http::response>;

/// A note and the properties of a line, in any JSON form.
constexpr std::size_t item_bytes_max = std::size_t{32} << 10;

struct new_cart_body {
  static constexpr std::string_view schema_name = "new_cart";
  std::optional<metadata_change> metadata;
  std::optional<std::string> currency;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {
      metadata_rule,
      note_rule,
      {.field = "currency",
       .form = json::format::currency,
       .description = "Of all its prices: the store's currency, or one in which the store has "
                      "price lists; default: the store's. It cannot be changed."}};
};
BOOST_DESCRIBE_STRUCT(new_cart_body, (), (metadata, currency, note))

struct add_item_body {
  static constexpr std::string_view schema_name = "new_cart_item";
  stoa::product_id product_id;
  std::int64_t quantity = 1;
  std::optional<std::string> note;
  line_properties properties;
  static constexpr std::string_view defaults[] = {"properties"};
  static constexpr json::rule rules[] = {
      {.field = "quantity", .value_min = 1, .value_max = cart::quantity_max},
      note_rule,
      line_properties_rule};
  void check(std::vector<field_error>& errors) const {
    check_properties(properties, "/properties", errors);
  }
};
BOOST_DESCRIBE_STRUCT(add_item_body, (), (product_id, quantity, note, properties))

struct change_item_body {
  static constexpr std::string_view schema_name = "cart_item_change";
  std::optional<std::int64_t> quantity;
  patch<std::string> note;
  patch<line_properties> properties;
  static constexpr json::rule rules[] = {
      {.field = "quantity",
       .value_min = 0,
       .value_max = cart::quantity_max,
       .description = "The number of units; 0 removes the line."},
      note_rule,
      {.field = "properties",
       .length_max = line_properties_max,
       .description = "Replaces all properties of the line; null removes them.",
       .key_form = json::format::line,
       .each_length_max = line_property_value_max}};
  void check(std::vector<field_error>& errors) const {
    if (properties.value) check_properties(*properties.value, "/properties", errors);
  }
};
BOOST_DESCRIBE_STRUCT(change_item_body, (), (quantity, note, properties))

/// An empty note is none.
std::optional<std::string> note_of(std::optional<std::string> given) {
  return given && given->empty() ? std::nullopt : std::move(given);
}

stoa::cart_id cart_of(const exchange& x) {
  return x.path_id<stoa::cart_id>("cart_id", "cart");
}
stoa::cart_item_id item_of(const exchange& x) {
  return x.path_id<stoa::cart_item_id>("cart_item_id", "cart item");
}

response_task create(exchange& x, new_cart_body body) {
  co_await confirm_session(x);
  cart::create_cart command;
  if (body.currency) {
    auto currency = co_await stored_currency(x, std::move(*body.currency));
    command.currency = std::move(currency);
  }
  command.metadata = std::move(body.metadata);
  command.note = note_of(std::move(body.note));
  if (x.context.who.is_user()) command.user_id = x.context.who.user;
  auto content = co_await x.command(std::move(command));
  auto answer = co_await cart_answer(x, 201, std::move(content));
  co_return answer;
}

response_task list(exchange& x, none) {
  auto mine = co_await x.ask(cart::list_carts{});
  if (x.shape.count) mine.total = static_cast<std::int64_t>(mine.data.size());
  co_return x.json(200, mine);
}

response_task read(exchange& x, none) {
  cart::get_cart query{cart_of(x)};
  auto content = co_await x.ask(std::move(query));
  auto answer = co_await cart_answer(x, 200, std::move(content));
  co_return answer;
}

template <class Command>
response_task change_cart(exchange& x, Command c, int status) {
  c.if_match = co_await version_wanted(x, c.cart_id);
  auto content = co_await x.command(std::move(c));
  auto answer = co_await cart_answer(x, status, std::move(content));
  co_return answer;
}

/// Sets the price at which the product is added to the cart, by price lists.
task<none> set_listed_price(exchange& x, const catalog::price_item& item, cart::add_item& command) {
  auto rules = co_await current_rules(x);
  if (rules->price_lists().empty()) co_return none{};
  cart::get_cart query{command.cart_id};
  const auto content = co_await x.ask(std::move(query));
  auto price = co_await checkout::price_to_add(
      x, content, std::move(rules), x.shared->config->store.currency, item, command.quantity);
  if (price) {
    command.price = std::move(price->price);
    command.priced_units = price->units;
    command.priced_for = price->buyer;
    co_return none{};
  }
  const auto detail = "The product has no price in " +
                      content.currency.value_or(x.shared->config->store.currency) +
                      ", the currency of the cart.";
  fail(
      {problem_kind::validation, "product_not_priced", detail, {{"/product_id", "value", detail}}});
}

response_task add(exchange& x, add_item_body body) {
  cart::add_item command{cart_of(x), body.product_id, {}, body.quantity, {}, {}};
  command.if_match = co_await version_wanted(x, command.cart_id);
  catalog::price_items query{{body.product_id}};
  auto prices = co_await x.ask(std::move(query));
  // Drafts do not exist for customers.
  if (prices.data.empty() || !prices.data.front().published) {
    fail(invalid_field("/product_id", "not_found", "The product does not exist."));
  }
  const auto* price = checkout::price_in(prices, body.product_id);
  if (!price) {  // sold as variants
    fail({422,
          "product_not_sellable",
          "This product has variants. Choose one of them.",
          {{"/product_id", "value", "choose a variant"}}});
  }
  command.product_name = price->name;
  command.price = price->price;
  if (x.shared->rules->may_have_price_lists(price_rules::clock::now())) {
    co_await set_listed_price(x, *price, command);
  }
  command.limits = price->limits;
  command.note = note_of(std::move(body.note));
  if (!body.properties.empty()) command.properties = stored_properties(body.properties);
  auto content = co_await x.command(std::move(command));
  auto answer = co_await cart_answer(x, 201, std::move(content), std::move(prices));
  co_return answer;
}

/// The limits of the product of the cart's line; none if the line or the product is gone.
task<std::optional<quantity_limits>> limits_of(exchange& x, stoa::cart_id cart,
                                               stoa::cart_item_id item) {
  cart::get_cart query{cart};
  auto content = co_await x.ask(std::move(query));
  const auto line = std::ranges::find(content.items, item, &cart::cart_item_content::cart_item_id);
  if (line == content.items.end()) co_return std::nullopt;
  catalog::price_items prices_query{{line->product_id}};
  auto prices = co_await x.ask(std::move(prices_query));
  co_return prices.data.empty() ? std::nullopt : prices.data.front().limits;
}

response_task change_line(exchange& x, change_item_body body) {
  cart::change_item command;
  command.cart_id = cart_of(x);
  command.cart_item_id = item_of(x);
  command.quantity = body.quantity;
  command.note = {body.note.present, note_of(std::move(body.note.value))};
  if (body.properties.present) {
    command.properties = stored_properties(body.properties.value.value_or(line_properties{}));
  }
  if (body.quantity.value_or(0) > 0) {
    auto limits = co_await limits_of(x, command.cart_id, command.cart_item_id);
    command.limits = limits;
  }
  auto answer = co_await change_cart(x, std::move(command), 200);
  co_return answer;
}

response_task change_whole(exchange& x, cart::cart_update body) {
  body.note.value = note_of(std::move(body.note.value));
  cart::update_cart command{cart_of(x), std::move(body), {}};
  auto answer = co_await change_cart(x, std::move(command), 200);
  co_return answer;
}

response_task merge(exchange& x, none) {
  co_await confirm_session(x);
  const auto from = cart_of(x);
  cart::merge_cart command{from, x.context.who.user, {}};
  command.if_match = co_await version_wanted(x, from);
  auto content = co_await x.command(std::move(command));
  // Before the response, transfer the reservations of the guest's cart to the other one.
  if (content.held_until) co_await x.applied_now("cart", from.value);
  auto answer = co_await cart_answer(x, 200, std::move(content));
  co_return answer;
}

response_task remove_cart(exchange& x, none) {
  cart::delete_cart command{cart_of(x), {}};
  command.if_match = co_await version_wanted(x, command.cart_id);
  co_await x.command(std::move(command));
  co_return x.no_content();
}

void add_whole_cart_routes(routes& r) {
  r.post<new_cart_body, cart_view>("/store/v1/carts",
                                   {.id = "create_cart",
                                    .tag = "carts",
                                    .summary = "Create an empty cart",
                                    .success = {201},
                                    .reject_cards = true,
                                    .limit = limit_class::cart_create},
                                   create);
  r.get<none, cart::cart_list>("/store/v1/carts",
                               {.id = "list_carts",
                                .tag = "carts",
                                .summary = "List my carts, newest first",
                                .who = access::user},
                               list);
  r.get<none, cart_view>("/store/v1/carts/{cart_id}",
                         {.id = "get_cart",
                          .tag = "carts",
                          .summary = "Get a cart with current names, prices and stock",
                          .success = {200, 304},
                          .errors = {404},
                          .same_for_all = false,
                          .expand = {{"items.product"}},
                          .hidden = staff_product_fields("items.product")},
                         read);
  r.patch<cart::cart_update, cart_view>(
      "/store/v1/carts/{cart_id}",
      {.id = "update_cart",
       .tag = "carts",
       .summary = "Change a cart's note and metadata, which are copied to the order at checkout",
       .errors = {404, 412},
       .if_match = true,
       .reject_cards = true},
      change_whole);
  r.del<none, none>("/store/v1/carts/{cart_id}",
                    {.id = "delete_cart",
                     .tag = "carts",
                     .summary = "Delete a cart",
                     .success = {204},
                     .errors = {404, 412},
                     .if_match = true},
                    remove_cart);
  r.post<none, cart_view>("/store/v1/carts/{cart_id}/merge",
                          {.id = "merge_cart",
                           .tag = "carts",
                           .summary = "Merge a guest's cart into mine; the guest's cart is deleted",
                           .who = access::user,
                           .errors = {404, 412},
                           .if_match = true},
                          merge);
}

void add_item_routes(routes& r) {
  r.post<add_item_body, cart_view>("/store/v1/carts/{cart_id}/items",
                                   {.id = "add_cart_item",
                                    .tag = "carts",
                                    .summary = "Add a product, or increase its quantity",
                                    .success = {201},
                                    .errors = {404, 412, 422},
                                    .if_match = true,
                                    .reject_cards = true,
                                    .body_bytes_max = item_bytes_max,
                                    .json_values_max = 50},
                                   add);
  r.del<none, cart_view>("/store/v1/carts/{cart_id}/items",
                         {.id = "clear_cart",
                          .tag = "carts",
                          .summary = "Remove all items",
                          .errors = {404, 412},
                          .if_match = true},
                         [](exchange& x, none) {
                           return change_cart(x, cart::clear_cart{cart_of(x), {}}, 200);
                         });
  r.patch<change_item_body, cart_view>("/store/v1/carts/{cart_id}/items/{cart_item_id}",
                                       {.id = "change_cart_item",
                                        .tag = "carts",
                                        .summary = "Change an item's quantity, note or properties",
                                        .errors = {404, 409, 412, 422},
                                        .if_match = true,
                                        .reject_cards = true,
                                        .body_bytes_max = item_bytes_max,
                                        .json_values_max = 50},
                                       change_line);
  r.del<none, cart_view>(
      "/store/v1/carts/{cart_id}/items/{cart_item_id}",
      {.id = "remove_cart_item",
       .tag = "carts",
       .summary = "Remove an item",
       .errors = {404, 412},
       .if_match = true},
      [](exchange& x, none) {
        return change_cart(x, cart::remove_item{cart_of(x), item_of(x), {}}, 200);
      });
}

}  // namespace

void add_cart_routes(routes& r) {
  add_whole_cart_routes(r);
  add_item_routes(r);
}

}  // namespace stoa::front
