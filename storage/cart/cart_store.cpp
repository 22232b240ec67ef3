#include "storage/cart/cart_store.hpp"

#include <algorithm>
#include <tuple>

namespace stoa::cart {

namespace {

const db::sql expired{"expired carts",
                      "SELECT cart_id FROM carts WHERE user_id IS NULL AND expires_at<=$1"
                      " ORDER BY expires_at, cart_id LIMIT $2"};
const db::sql customers_expired{
    "expired carts of customers",
    "SELECT cart_id FROM carts WHERE user_id IS NOT NULL AND updated_at<=$1"
    " ORDER BY updated_at, cart_id LIMIT $2"};

}  // namespace

std::function<std::optional<cart_parts>()> ask_cart(db::gathering& all, stoa::cart_id id) {
  auto carts = all.ask<cart_row>(db::select_by<&cart_row::cart_id>(), db::params(id));
  auto items = all.ask<cart_item_row>(db::select_by<&cart_item_row::cart_id>(), db::params(id));
  return [carts, items]() -> std::optional<cart_parts> {
    if (carts->empty()) return std::nullopt;
    std::sort(items->begin(), items->end(),
              [](const auto& a, const auto& b) { return a.cart_item_id < b.cart_item_id; });
    return cart_parts{std::move(carts->front()), std::move(*items)};
  };
}

std::optional<cart_parts> read_cart(db::connection& c, stoa::cart_id id) {
  db::gathering all;
  auto made = ask_cart(all, id);
  all.run(c);
  return made();
}

std::vector<cart_parts> carts_of_user(db::connection& c, stoa::user_id id) {
  db::gathering all;
  auto carts = all.ask<cart_row>(db::select_by<&cart_row::user_id>(), db::params(id));
  all.run(c);
  std::sort(carts->begin(), carts->end(), [](const auto& a, const auto& b) {
    return std::tie(b.created_at, b.cart_id) < std::tie(a.created_at, a.cart_id);
  });
  std::vector<std::function<std::optional<cart_parts>()>> made;
  made.reserve(carts->size());
  for (const auto& cart : *carts) made.push_back(ask_cart(all, cart.cart_id));
  all.run(c);
  std::vector<cart_parts> list;
  for (const auto& make : made) {
    // A cart that was bought, merged or deleted in the meantime no longer exists.
    if (auto cart = make(); cart && cart->cart.user_id == id) list.push_back(std::move(*cart));
  }
  return list;
}

std::vector<stoa::cart_id> expired_carts(db::connection& c, timestamp now,
                                         timestamp customers_before, std::size_t limit) {
  std::vector<stoa::cart_id> found;
  const auto read = [&](const db::sql& what, timestamp until) {
    const auto room = static_cast<std::int64_t>(limit - found.size());
    if (room == 0) return;
    c.query({&what, db::params(until, room)},
            [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  };
  read(expired, now);
  read(customers_expired, customers_before);
  return found;
}

}  // namespace stoa::cart
