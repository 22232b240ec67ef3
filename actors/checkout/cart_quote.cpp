#include "actors/checkout/cart_quote.hpp"

#include <algorithm>
#include <iterator>

namespace stoa::checkout {

kernel::task<catalog::price_list> prices_of(kernel::service_calls& calls,
                                            const cart::cart_content& content,
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

const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id) {
  for (const auto& p : prices.data) {
    if (p.product_id == id) return p.sellable ? &p : nullptr;
  }
  return nullptr;
}

std::optional<cart_notice> notice_of(const cart::cart_item_content& item,
                                     const catalog::price_item* now) {
  if (!now) return cart_notice{"not_sold", item.cart_item_id, item.name + ": no longer sold"};
  if (now->has(item.quantity)) return std::nullopt;
  return cart_notice{"sold_out", item.cart_item_id,
                     now->name + ": " + std::to_string(now->inventory_count) + " left"};
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

result<pricing::quote> quote_of(const cart::cart_content& content,
                                const catalog::price_list& prices, const std::string& currency) {
  std::vector<pricing::priced_line> lines;
  lines.reserve(content.items.size());
  for (const auto& item : content.items) {
    lines.push_back(priced(item, price_in(prices, item.product_id)));
  }
  // No promotions, shipping costs or taxes yet: no parts.
  auto quote = pricing::quote_of(lines, {currency, {}});
  if (quote) return quote;
  auto why = quote.error();
  why.errors.clear();
  for (const auto& item : content.items) {
    auto notice = price_notice_of(item, price_in(prices, item.product_id), currency);
    if (!notice) continue;
    why.errors.push_back({"/items/" + item.cart_item_id.str(), "value", std::move(notice->detail)});
  }
  return why;
}

}  // namespace stoa::checkout
