#include "storage/order/order_store.hpp"

#include <algorithm>

namespace stoa::order {

namespace {

const std::string order_columns = db::column_list<order_row>();

const db::sql items_of{"read order items", "SELECT " + db::column_list<order_item_row>() +
                                               " FROM order_items WHERE order_id=$1"
                                               " ORDER BY order_item_id"};
const db::sql history_of{"read order history", "SELECT " + db::column_list<status_history_row>() +
                                                   " FROM order_status_history WHERE order_id=$1"
                                                   " ORDER BY history_id"};
const db::sql all_orders{"list orders", "SELECT " + order_columns +
                                            " FROM orders WHERE order_id<$1"
                                            " ORDER BY order_id DESC LIMIT $2"};
const db::sql orders_of_user{"list orders of user",
                             "SELECT " + order_columns +
                                 " FROM orders WHERE user_id=$3 AND order_id<$1"
                                 " AND (status=$4 OR $4 IS NULL)"
                                 " ORDER BY order_id DESC LIMIT $2"};
const db::sql orders_by_status{"list orders by status",
                               "SELECT " + order_columns +
                                   " FROM orders WHERE status=$3 AND order_id<$1"
                                   " ORDER BY order_id DESC LIMIT $2"};
const db::sql stale_pending{"pending orders",
                            "SELECT order_id FROM orders WHERE status='Pending' AND created_at<$1"
                            " ORDER BY order_id LIMIT $2"};

order_parts with_parts(db::connection& c, order_row order) {
  auto id = order.order_id;
  return {std::move(order), db::select<order_item_row>(c, items_of, db::params(id)),
          db::select<status_history_row>(c, history_of, db::params(id))};
}

}  // namespace

std::function<std::optional<order_parts>()> ask_order(db::gathering& all, stoa::order_id id) {
  auto orders = all.ask<order_row>(db::select_by<&order_row::order_id>(), db::params(id));
  auto items = all.ask<order_item_row>(db::select_by<&order_item_row::order_id>(), db::params(id));
  auto history =
      all.ask<status_history_row>(db::select_by<&status_history_row::order_id>(), db::params(id));
  return [orders, items, history]() -> std::optional<order_parts> {
    if (orders->empty()) return std::nullopt;
    std::sort(items->begin(), items->end(),
              [](const auto& a, const auto& b) { return a.order_item_id < b.order_item_id; });
    std::sort(history->begin(), history->end(),
              [](const auto& a, const auto& b) { return a.history_id < b.history_id; });
    return order_parts{std::move(orders->front()), std::move(*items), std::move(*history)};
  };
}

std::optional<order_parts> read_order(db::connection& c, stoa::order_id id) {
  db::gathering all;
  auto made = ask_order(all, id);
  all.run(c);
  return made();
}

std::vector<order_parts> list_orders(db::connection& c, const order_filter& filter) {
  stoa::order_id last{};
  last.value.bytes.fill(0xFF);
  auto values = db::params(filter.before.value_or(last), static_cast<std::int64_t>(filter.limit));
  const db::sql* what = &all_orders;
  if (filter.user_id) {
    what = &orders_of_user;
    db::write_column(*filter.user_id, values);
    db::write_column(filter.status, values);
  } else if (filter.status) {
    what = &orders_by_status;
    db::write_column(*filter.status, values);
  }
  std::vector<order_parts> list;
  for (auto& order : db::select<order_row>(c, *what, std::move(values))) {
    list.push_back(with_parts(c, std::move(order)));
  }
  return list;
}

std::vector<stoa::order_id> pending_since(db::connection& c, timestamp placed_before,
                                          std::size_t limit) {
  std::vector<stoa::order_id> found;
  c.query({&stale_pending, db::params(placed_before, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

}  // namespace stoa::order
