#include "net/routes/cart_view.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <iterator>

namespace stoa::front {

task<catalog::price_list> prices_of(exchange& x, const cart::cart_content& content,
                                    catalog::price_list known) {
  catalog::price_items query;
  for (const auto& item : content.items) {
    auto is_it = [&](const catalog::price_item& p) { return p.product_id == item.product_id; };
    if (std::none_of(known.data.begin(), known.data.end(), is_it)) {
      query.product_ids.push_back(item.product_id);
    }
  }
  if (query.product_ids.empty()) co_return known;
  auto prices = co_await x.ask(std::move(query));
  std::move(known.data.begin(), known.data.end(), std::back_inserter(prices.data));
  co_return prices;
}

const catalog::price_item* price_in(const catalog::price_list& prices, stoa::product_id id) {
  for (const auto& p : prices.data) {
    if (p.product_id == id) return p.sellable ? &p : nullptr;
  }
  return nullptr;
}

cart_view join(const cart::cart_content& content, const catalog::price_list& prices,
               const std::string& currency) {
  cart_view v{content.cart_id,    content.user_id,    content.version,    {},
              money{0, currency}, content.created_at, content.updated_at, content.expires_at};
  for (const auto& item : content.items) {
    const auto* now = price_in(prices, item.product_id);
    const money& price = now ? now->price : item.price_when_added;
    cart_item_view line{item.cart_item_id,
                        item.product_id,
                        now ? now->name : item.name,
                        item.quantity,
                        price,
                        multiply(price, item.quantity).value_or(money{money_amount_max, currency}),
                        now && now->inventory_count >= item.quantity,
                        now ? now->inventory_count : 0,
                        price != item.price_when_added,
                        item.price_when_added,
                        item.added_at};
    v.subtotal = add(v.subtotal, line.line_total).value_or(v.subtotal);
    v.items.push_back(std::move(line));
  }
  return v;
}

task<http::response> cart_answer(exchange& x, int status, cart::cart_content content,
                                 catalog::price_list known) {
  auto prices = co_await prices_of(x, content, std::move(known));
  auto r = x.json(status, join(content, prices, x.shared->config->store.currency));
  r.headers.emplace_back("ETag", "\"" + std::to_string(content.version) + "\"");
  if (status == 201) {
    r.headers.emplace_back("Location", "/store/v1/carts/" + content.cart_id.str());
  }
  co_return r;
}

}  // namespace stoa::front
