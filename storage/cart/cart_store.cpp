#include "storage/cart/cart_store.hpp"

#include <algorithm>

namespace stoa::cart {

namespace {

const std::string cart_columns = db::column_list<cart_row>();

const db::sql by_user{"list carts of user", "SELECT " + cart_columns +
                                                " FROM carts WHERE user_id=$1"
                                                " ORDER BY created_at DESC, cart_id DESC LIMIT $2"};
const db::sql items_of{"read cart items", "SELECT " + db::column_list<cart_item_row>() +
                                              " FROM cart_items WHERE cart_id=$1"
                                              " ORDER BY cart_item_id"};
const db::sql expired{"expired carts",
                      "SELECT cart_id FROM carts WHERE user_id IS NULL AND expires_at<=$1"
                      " ORDER BY expires_at, cart_id LIMIT $2"};

cart_parts with_items(db::connection& c, cart_row cart) {
  auto id = cart.cart_id;
  return {std::move(cart), db::select<cart_item_row>(c, items_of, db::params(id))};
}

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

std::vector<cart_parts> carts_of_user(db::connection& c, stoa::user_id id, std::size_t limit) {
  std::vector<cart_parts> list;
  auto rows = db::select<cart_row>(c, by_user, db::params(id, static_cast<std::int64_t>(limit)));
  list.reserve(rows.size());
  for (auto& cart : rows) list.push_back(with_items(c, std::move(cart)));
  return list;
}

std::vector<stoa::cart_id> expired_carts(db::connection& c, timestamp now, std::size_t limit) {
  std::vector<stoa::cart_id> found;
  c.query({&expired, db::params(now, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

}  // namespace stoa::cart
