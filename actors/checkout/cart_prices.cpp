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

pricing::price_buyer buyer_of(const cart_context& context) {
  const auto& b = context.basket;
  return {b.currency, b.customer_groups, b.now};
}

/// Notes what the lines of the product cost in the circumstances in which they were added.
void note_prices_as_added(const cart::cart_content& content, const catalog::price_item& own,
                          const std::vector<const pricing::listed_price*>& entries,
                          cart_context& context) {
  auto buyer = buyer_of(context);
  const auto own_lists = pricing::lists_for(*context.rules, buyer);
  buyer.groups.clear();
  const auto lists_for_all = pricing::lists_for(*context.rules, buyer);
  for (const auto& item : content.items) {
    if (item.product_id != own.product_id) continue;
    const auto units = item.priced_units.value_or(units_of(content, item.product_id));
    auto price = pricing::price_for({own.price}, item.priced_for ? own_lists : lists_for_all,
                                    entries, buyer.currency, units);
    if (price) context.prices_as_added.emplace_back(item.cart_item_id, std::move(price->price));
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
    const auto quantity = units_of(content, p.product_id);
    note_prices_as_added(content, p, entries, context);
    auto price = pricing::price_for({p.price}, lists, entries, currency, quantity);
    if (!price) {
      if (p.sellable) context.unpriced.push_back(p.product_id);
      p.sellable = false;
      continue;
    }
    p.price = std::move(price->price);
  }
}

added_price added_price_of(const cart_context& context, const cart::cart_item_content& item,
                           const money& current) {
  const bool is_for_another = item.priced_for && item.priced_for != context.user_id;
  if (is_for_another) return {current};
  const auto found = std::ranges::find(context.prices_as_added, item.cart_item_id,
                                       [](const auto& noted) { return noted.first; });
  const auto& now = found == context.prices_as_added.end() ? current : found->second;
  if (now == item.price_when_added) return {item.price_when_added};
  return {item.price_when_added, now};
}

task<std::optional<price_of_units>> price_to_add(
    kernel::service_calls& calls, const cart::cart_content& content, pricing::rule_book_ptr rules,
    std::string store_currency, const catalog::price_item& item, std::int64_t quantity) {
  pricing::price_buyer buyer{content.currency.value_or(std::move(store_currency)), {}, calls.now()};
  price_of_units found{{}, quantity + units_of(content, item.product_id)};
  if (rules->has_group_prices() && calls.context.who.is_user()) {
    found.buyer = calls.context.who.user;
    user::get_contact query{*found.buyer};
    auto contact = co_await calls.ask(std::move(query));
    buyer.groups = std::move(contact.groups);
  }
  std::vector<stoa::product_id> products{item.product_id};
  auto listed = co_await listed_prices(calls, rules, buyer, std::move(products));
  const auto lists = pricing::lists_for(*rules, buyer);
  auto price = pricing::price_for({item.price}, lists, entries_of(item.product_id, listed),
                                  buyer.currency, found.units);
  if (!price) co_return std::nullopt;
  found.price = std::move(price->price);
  co_return found;
}

}  // namespace stoa::checkout
