#include "actors/checkout/cart_quote.hpp"

#include "actors/checkout/cart_prices.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/pricing/credits.hpp"
#include "actors/pricing/pricing_messages.hpp"
#include "actors/pricing/promotion_rules.hpp"
#include "actors/user/user_messages.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/identity.hpp"

#include <algorithm>
#include <iterator>

namespace stoa::checkout {

namespace {

using kernel::task;

/// The current prices of a cart's products, in no order. Prices in `known` are reused.
task<catalog::price_list> prices_of(kernel::service_calls& calls, const cart::cart_content& content,
                                    catalog::price_list known) {
  catalog::price_items query;
  for (const auto& item : content.items) {
    auto is_it = [&](const catalog::price_item& p) { return p.product_id == item.product_id; };
    if (std::none_of(known.data.begin(), known.data.end(), is_it)) {
      query.product_ids.push_back(item.product_id);
    }
  }
  if (query.product_ids.empty()) co_return known;
  if (content.held_until && *content.held_until > calls.now()) query.held_for = content.cart_id;
  auto prices = co_await calls.ask(std::move(query));
  std::move(known.data.begin(), known.data.end(), std::back_inserter(prices.data));
  co_return prices;
}

task<std::vector<catalog::product_fact>> facts_of(kernel::service_calls& calls,
                                                  const cart::cart_content& content) {
  catalog::product_facts query;
  for (const auto& item : content.items) query.product_ids.push_back(item.product_id);
  auto found = co_await calls.ask(std::move(query));
  co_return std::move(found.data);
}

/// The customer's key for limits, if the customer is known.
std::optional<std::string> customer_key(const quote_customer& customer) {
  if (!customer.user_id && !customer.email) return std::nullopt;
  return pricing::customer_key_of(customer.user_id, text::mail_key(customer.email.value_or("")));
}

/// Adds what the Pricing service knows of the cart's codes and of the customer's uses.
task<pricing::basket> with_uses(kernel::service_calls& calls, pricing::basket basket,
                                std::vector<std::string> codes, quote_customer customer) {
  pricing::look_up query{std::move(codes), customer_key(customer)};
  auto found = co_await calls.ask(std::move(query));
  for (auto& code : found.codes) {
    basket.codes.push_back({std::move(code.code), code.promotion_id, code.used_up});
  }
  basket.used_up = std::move(found.used_up);
  co_return basket;
}

task<std::optional<bool>> first_order_of(kernel::service_calls& calls, quote_customer customer) {
  if (!customer.user_id && !customer.email) co_return std::nullopt;
  order::has_ordered query{customer.user_id, customer.email};
  auto found = co_await calls.ask(std::move(query));
  co_return !found.ordered;
}

pricing::basket_line line_of(const cart::cart_item_content& item, const cart_context& context) {
  const auto priced_line = priced(item, price_in(context.prices, item.product_id));
  pricing::basket_line line{
      item.product_id, std::nullopt, {}, priced_line.unit_price, priced_line.quantity};
  const auto found =
      std::ranges::find(context.facts, item.product_id, &catalog::product_fact::product_id);
  if (found == context.facts.end()) return line;
  line.parent_product_id = found->parent_product_id;
  line.categories = found->categories;
  line.tax_class = found->tax_class.value_or(std::string(pricing::standard_tax_class));
  line.weight = found->weight;
  return line;
}

pricing::basket basket_of(const cart::cart_content& content, const cart_context& context) {
  auto basket = context.basket;
  basket.lines.reserve(content.items.size());
  for (const auto& item : content.items) basket.lines.push_back(line_of(item, context));
  return basket;
}

bool is_exempt(const pricing::rule_book& rules, const std::vector<std::string>& groups) {
  return std::ranges::any_of(rules.tax_exempt_groups(), [&](const auto& g) {
    return std::ranges::find(groups, g) != groups.end();
  });
}

}  // namespace

pricing::destination destination_of(const address& a) {
  return {a.country, a.state.value_or(""), a.postal_code};
}

task<cart_context> context_of(kernel::service_calls& calls, const cart::cart_content& content,
                              pricing::rule_book_ptr rules, quote_customer customer,
                              std::string currency, catalog::price_list known) {
  cart_context context;
  context.basket.currency = content.currency.value_or(std::move(currency));
  context.basket.now = calls.now();
  context.basket.to = customer.to;
  context.basket.shipping_method_id = customer.shipping_method_id;
  context.rules = std::move(rules);
  auto prices = co_await prices_of(calls, content, std::move(known));
  context.prices = std::move(prices);
  context.user_id = customer.user_id;
  context.tax_to = customer.tax_to;
  context.is_checkout = customer.is_checkout;
  auto needs = context.rules->needs();
  if (context.tax_to) {
    needs.products = true;
    needs.groups |= !context.rules->tax_exempt_groups().empty();
  }
  if (needs.products && !content.items.empty()) {
    auto facts = co_await facts_of(calls, content);
    context.facts = std::move(facts);
  }
  if (!content.codes.empty() || needs.customer_uses) {
    auto basket = context.basket;
    basket = co_await with_uses(calls, std::move(basket), content.codes, customer);
    context.basket = std::move(basket);
  }
  if (needs.first_order) {
    auto first = co_await first_order_of(calls, customer);
    context.basket.first_order = first;
  }
  if (needs.groups && customer.user_id) {
    user::get_contact query{*customer.user_id};
    auto contact = co_await calls.ask(std::move(query));
    context.basket.customer_groups = std::move(contact.groups);
    context.basket.tax_exempt = is_exempt(*context.rules, context.basket.customer_groups);
  }
  if (content.currency || !context.rules->price_lists().empty()) {
    auto listed = co_await listed_prices_of(calls, context);
    apply_prices(content, listed, context);
  }
  co_return context;
}

std::optional<cart_notice> obstacle_to(const cart::cart_content& cart,
                                       const cart::cart_item_content& item,
                                       const cart_context& context) {
  if (std::ranges::find(context.unpriced, item.product_id) != context.unpriced.end()) {
    return cart_notice{"not_priced", item.cart_item_id,
                       item.name + ": no price in " + context.basket.currency};
  }
  return notice_of(cart, item, price_in(context.prices, item.product_id));
}

const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id) {
  for (const auto& p : prices.data) {
    if (p.product_id == id) return p.sellable ? &p : nullptr;
  }
  return nullptr;
}

std::int64_t units_of(const cart::cart_content& cart, stoa::product_id product) {
  std::int64_t units = 0;
  for (const auto& item : cart.items) units += item.product_id == product ? item.quantity : 0;
  return units;
}

std::optional<cart_notice> notice_of(const cart::cart_content& cart,
                                     const cart::cart_item_content& item,
                                     const catalog::price_item* now) {
  if (!now) return cart_notice{"not_sold", item.cart_item_id, item.name + ": no longer sold"};
  const auto units = units_of(cart, item.product_id);
  if (!now->has(units)) {
    return cart_notice{"sold_out", item.cart_item_id,
                       now->name + ": " + std::to_string(now->inventory_count) + " left"};
  }
  if (!now->limits || fault("ignored_quantity_limits")) return std::nullopt;
  const auto broken = broken_by(*now->limits, item.quantity, units);
  if (!broken) return std::nullopt;
  cart_notice notice{broken->code, item.cart_item_id, now->name + ": " + broken->detail};
  notice.limit = broken->limit;
  return notice;
}

pricing::priced_line priced(const cart::cart_item_content& item, const catalog::price_item* now) {
  return {now ? now->price : item.price_when_added, item.quantity};
}

std::optional<cart_notice> price_notice_of(const cart::cart_item_content& item,
                                           const catalog::price_item* now,
                                           const std::string& currency) {
  auto bad = pricing::check_line(priced(item, now), currency);
  if (!bad) return std::nullopt;
  return cart_notice{std::move(bad->code), item.cart_item_id,
                     (now ? now->name : item.name) + ": " + bad->detail};
}

std::vector<cart_notice> notices_of(const std::vector<pricing::unused_code>& codes) {
  std::vector<cart_notice> notices;
  for (const auto& c : codes) {
    notices.push_back({"code_not_applied", std::nullopt,
                       "The code " + c.code + " is not applied: " + c.reason + ".", c.code,
                       c.reason});
  }
  return notices;
}

task<result<std::vector<redeemed_credit>>> credits_of(kernel::service_calls& calls, money total,
                                                      credit_wish wish) {
  pricing::find_credit query{wish.gift_card_keys, std::nullopt};
  if (wish.use_store_credit && calls.context.who.is_user()) query.user_id = calls.context.who.user;
  auto found = co_await calls.ask(std::move(query));
  co_return pricing::credits_for(total, wish.gift_card_keys, found, calls.now());
}

std::vector<pricing::shipping_offer> offers_of(const cart::cart_content& content,
                                               const cart_context& context) {
  const auto basket = basket_of(content, context);
  const auto plain = pricing::quote_of(pricing::lines_of(basket), {basket.currency, {}});
  if (!plain) return {};
  return pricing::offers_of(basket, plain->subtotal.amount, *context.rules);
}

result<pricing::priced_basket> quote_of(const cart::cart_content& content,
                                        const cart_context& context) {
  const auto basket = basket_of(content, context);
  auto quote = pricing::price_basket(basket, *context.rules);
  if (quote) return quote;
  auto why = quote.error();
  why.errors.clear();
  for (const auto& item : content.items) {
    auto notice = price_notice_of(item, price_in(context.prices, item.product_id), basket.currency);
    if (!notice) continue;
    why.errors.push_back({"/items/" + item.cart_item_id.str(), "value", std::move(notice->detail)});
  }
  return why;
}

}  // namespace stoa::checkout
