#include "actors/checkout/cart_prices.hpp"

#include "actors/user/user_messages.hpp"

#include <algorithm>

namespace stoa::checkout {

namespace {

using kernel::task;

std::vector<const pricing::listed_price*> entries_of(
    stoa::product_id id, const std::vector<pricing::listed_price>& listed) {
  std::vector<const pricing::listed_price*> entries;
  for (const auto& e : listed) {
    if (e.product_id == id) entries.push_back(&e);
  }
  return entries;
}

std::int64_t quantity_in(const cart::cart_content& content, stoa::product_id id) {
  std::int64_t quantity = 0;
  for (const auto& item : content.items) quantity += item.product_id == id ? item.quantity : 0;
  return quantity;
}

pricing::price_buyer buyer_of(const cart_context& context) {
  const auto& b = context.basket;
  return {b.currency, b.customer_groups, b.now};
}

/// Keeps the prices for other quantities.
void add_tiers(stoa::product_id id, const pricing::shown_price& price,
               const std::vector<const pricing::listed_price*>& entries, cart_context& context) {
  if (!price.list) return;
  for (const auto* e : entries) {
    if (e->price_list_id != price.list->price_list_id || e->tiers.empty()) continue;
    context.tier_amounts.emplace_back(id, e->amount);
    for (const auto& t : e->tiers) context.tier_amounts.emplace_back(id, t.amount);
  }
}

}  // namespace

task<std::vector<pricing::listed_price>> listed_prices(kernel::service_calls& calls,
                                                       pricing::rule_book_ptr rules,
                                                       pricing::price_buyer buyer,
                                                       std::vector<stoa::product_id> products) {
  pricing::find_prices query;
  for (const auto* l : pricing::lists_for(*rules, buyer)) {
    query.price_list_ids.push_back(l->price_list_id);
  }
  if (query.price_list_ids.empty() || products.empty()) {
    co_return std::vector<pricing::listed_price>{};
  }
  query.product_ids = std::move(products);
  auto found = co_await calls.ask(std::move(query));
  co_return std::move(found.data);
}

task<std::vector<pricing::listed_price>> listed_prices_of(kernel::service_calls& calls,
                                                          const cart_context& context) {
  std::vector<stoa::product_id> products;
  for (const auto& p : context.prices.data) products.push_back(p.product_id);
  auto listed =
      co_await listed_prices(calls, context.rules, buyer_of(context), std::move(products));
  co_return listed;
}

void apply_prices(const cart::cart_content& content,
                  const std::vector<pricing::listed_price>& listed, cart_context& context) {
  const auto& currency = context.basket.currency;
  const auto lists = pricing::lists_for(*context.rules, buyer_of(context));
  for (auto& p : context.prices.data) {
    const auto entries = entries_of(p.product_id, listed);
    const auto quantity = quantity_in(content, p.product_id);
    auto price = pricing::price_for({p.price}, lists, entries, currency, quantity);
    if (!price) {
      if (p.sellable) context.unpriced.push_back(p.product_id);
      p.sellable = false;
      continue;
    }
    add_tiers(p.product_id, *price, entries, context);
    p.price = std::move(price->price);
  }
}

bool is_tier_price(const cart_context& context, const cart::cart_item_content& item) {
  const auto& price = item.price_when_added;
  return price.currency == context.basket.currency &&
         std::ranges::any_of(context.tier_amounts, [&](const auto& tier) {
           return tier.first == item.product_id && tier.second == price.amount;
         });
}

task<std::optional<money>> price_to_add(kernel::service_calls& calls,
                                        const cart::cart_content& content,
                                        pricing::rule_book_ptr rules, std::string store_currency,
                                        const catalog::price_item& item, std::int64_t quantity) {
  pricing::price_buyer buyer{content.currency.value_or(std::move(store_currency)), {}, calls.now()};
  if (rules->has_group_prices() && calls.context.who.is_user()) {
    user::get_contact query{calls.context.who.user};
    auto contact = co_await calls.ask(std::move(query));
    buyer.groups = std::move(contact.groups);
  }
  std::vector<stoa::product_id> products{item.product_id};
  auto listed = co_await listed_prices(calls, rules, buyer, std::move(products));
  const auto lists = pricing::lists_for(*rules, buyer);
  quantity += quantity_in(content, item.product_id);
  auto price = pricing::price_for({item.price}, lists, entries_of(item.product_id, listed),
                                  buyer.currency, quantity);
  if (!price) co_return std::nullopt;
  co_return std::move(price->price);
}

}  // namespace stoa::checkout
